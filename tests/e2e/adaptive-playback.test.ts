import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { VideoProcessing } from '@fanone/contracts'
import type { V1Video } from '@fanone/contracts/gateway'
import type { Browser, CDPSession, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeClip } from '../../services/video/src/testing/clips.ts'
import { api, type Member, newMember } from '../support/community.ts'
import { sendAsIs } from '../support/http.ts'
import { isFull } from '../support/sampling.ts'
import { openBrowser } from '../support/site.ts'
import { apiUrl, eventually } from '../support/stack.ts'
import { storedFiles, uploadFile } from '../support/uploads.ts'

/** H.264 in Matroska with AC-3: no browser plays it as it is, so this stack makes renditions. */
const SECONDS = 9
/** Sizes that are made; the plain run does without 720p, which costs as much as the others. */
const SIZES = [[426, 240], isFull ? [852, 480] : [854, 480], ...(isFull ? [[1280, 720]] : [])]
const best = SIZES.length - 1
const bestHeight = SIZES[best]?.[1]

let author: Member
let published: V1Video
let video: V1Video
let events: VideoProcessing[]

beforeAll(async () => {
  author = await newMember('adaptive')
  const extra = ['-b:v', '1500k']
  const clip = await makeClip(join(tmpdir(), 'fanone-adaptive.mkv'), {
    ...{ size: SIZES[best]?.join('x') ?? '', seconds: SECONDS, audio: 'ac3', extra },
  })
  const answer = await uploadFile(author, await readFile(clip), 'film.mkv', 'video/x-matroska')
  published = answer.json as V1Video
  events = await eventsOf(published.id)
  video = await eventually(async () => {
    const now = await api().videos.get({ id: published.id as never })
    return now.storyboardUrl ? now : undefined
  })
})

/** Follows the events of a video to their end. */
async function eventsOf(id: number): Promise<VideoProcessing[]> {
  const headers = { authorization: `Bearer ${author.tokens.accessToken}` }
  const answer = await fetch(`${apiUrl}/v1/videos/${id}/events`, { headers })
  return [...(await answer.text()).matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? ''))
}

const urlOf = (name: string) => new URL(name, video.hlsUrl ?? '').href
const ask = (name: string, headers: Record<string, string> = {}) => fetch(urlOf(name), { headers })

describe('what no browser plays', () => {
  test('is published at once, processed, and then plays everywhere', () => {
    expect(published).toMatchObject({ state: 'processing', hlsUrl: null, storyboardUrl: null, reason: null })
    expect(events[0]).toMatchObject({ state: 'processing' })
    expect(events.at(-1)).toEqual({ state: 'ready', progress: 100, reason: null })
    expect(video).toMatchObject({ id: published.id, state: 'ready', progress: 100, updatedAt: published.updatedAt })
    expect(published.videoUrl).toMatch(/\/video\.webm$/)
    expect(video.videoUrl).toBe(urlOf(`${bestHeight}p.mp4`))
  })

  test('is played from its MP4 by the older APIs too, and on the feed', async () => {
    const { accessToken } = author.tokens
    const list = await fetch(`${apiUrl}/douyin/publish/list/?user_id=${author.user.id}&token=${accessToken}`)
    const { video_list } = (await list.json()) as { video_list: { play_url: string }[] }
    expect(video_list[0]?.play_url).toBe(video.videoUrl)
    await eventually(async () => {
      const { items } = await api().feeds.newest({ limit: 100 as never })
      return items.find(({ id }) => id === video.id)?.videoUrl === video.videoUrl
    })
  })

  test('tells only its author how far it is', async () => {
    const other = await newMember('curious')
    const answer = await fetch(`${apiUrl}/v1/videos/${video.id}/events`, {
      headers: { authorization: `Bearer ${other.tokens.accessToken}` },
    })
    expect(answer.status).toBe(403)
  })
})

describe('playlists and segments', () => {
  test.each([
    ['master.m3u8', 'application/vnd.apple.mpegurl'],
    ['240p.m3u8', 'application/vnd.apple.mpegurl'],
    ['240p.mp4', 'video/mp4'],
  ])('%s is %s, for good, and harmless', async (name, type) => {
    const answer = await ask(name)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toMatch(type)
    expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    const etag = answer.headers.get('etag') ?? ''
    expect(etag).toMatch(/^"/)
    // As it is: fetch() adds that no cache may answer.
    const { pathname } = new URL(urlOf(name))
    expect((await sendAsIs('GET', pathname, { 'if-none-match': etag })).status).toBe(304)
    expect((await sendAsIs('GET', pathname, { 'if-match': '"other"' })).status).toBe(412)
  })

  test('ranges are those of RFC 9110', async () => {
    const whole = Buffer.from(await (await ask('240p.mp4')).arrayBuffer())
    const [, bytes = 0, at = 0] = /BYTERANGE:(\d+)@(\d+)/.exec(await (await ask('240p.m3u8')).text()) ?? []
    const [first, last] = [Number(at), Number(at) + Number(bytes) - 1]
    const range = async (value: string, more: Record<string, string> = {}) => {
      const answer = await ask('240p.mp4', { range: value, ...more })
      const contentRange = answer.headers.get('content-range')
      return { status: answer.status, contentRange, body: Buffer.from(await answer.arrayBuffer()), answer }
    }
    const segment = await range(`bytes=${first}-${last}`)
    expect([segment.status, segment.contentRange]).toEqual([206, `bytes ${first}-${last}/${whole.length}`])
    expect(segment.body.equals(whole.subarray(first, last + 1))).toBe(true)
    const suffix = await range('bytes=-10')
    expect([suffix.status, suffix.body.equals(whole.subarray(-10))]).toEqual([206, true])
    const behind = await range(`bytes=${whole.length}-`)
    expect([behind.status, behind.contentRange]).toEqual([416, `bytes */${whole.length}`])
    const etag = segment.answer.headers.get('etag') ?? ''
    expect((await range('bytes=0-9', { 'if-range': etag })).status).toBe(206)
    expect((await range('bytes=0-9', { 'if-range': '"other"' })).status).toBe(200)
    expect((await range('bytes=0-1,5-6')).body.equals(whole)).toBe(true)
  })

  test('the storyboard shows a picture for every second', async () => {
    const text = await (await fetch(video.storyboardUrl ?? '')).text()
    expect(text).toMatch(/^WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nsprite.jpg#xywh=0,0,160,90\n/)
    expect(text.match(/-->/g)).toHaveLength(SECONDS)
    const sprite = await fetch(new URL('sprite.jpg', video.storyboardUrl ?? ''))
    expect(sprite.headers.get('content-type')).toBe('image/jpeg')
  })
})

describe('in a browser, with hls.js', () => {
  let browser: Browser
  let page: Page
  let line: CDPSession
  beforeAll(async () => {
    browser = await openBrowser()
    page = await browser.newPage()
    line = await page.context().newCDPSession(page)
    await line.send('Network.enable')
    // A page of the same origin, as the site's own player will be.
    const body = '<!doctype html><video muted width="320"></video>'
    await page.route(`${apiUrl}/player`, (route) => route.fulfill({ contentType: 'text/html', body }))
    await page.goto(`${apiUrl}/player`)
    await page.addScriptTag({ path: createRequire(import.meta.url).resolve('hls.js/dist/hls.min.js') })
  })
  afterAll(() => browser?.close())

  const currentTime = () => page.evaluate('document.querySelector("video").currentTime') as Promise<number>

  test('it plays, seeks, and changes to every size and back', async () => {
    const levels = await page.evaluate(`new Promise((resolve, reject) => {
      const player = (window.player = new Hls({ startLevel: 0 }))
      window.sizes = []
      const video = document.querySelector('video')
      video.addEventListener('resize', () => window.sizes.push(video.videoHeight))
      player.on(Hls.Events.ERROR, (_event, data) => data.fatal && reject(new Error(data.details)))
      player.on(Hls.Events.MANIFEST_PARSED, () => {
        video.play()
        resolve(player.levels.map(({ width, height }) => [width, height]))
      })
      player.loadSource(${JSON.stringify(video.hlsUrl)})
      player.attachMedia(video)
    })`)
    expect(levels).toEqual(SIZES)
    await expect.poll(currentTime).toBeGreaterThan(0.3)
    await page.evaluate('document.querySelector("video").currentTime = 6')
    await expect.poll(currentTime).toBeGreaterThan(6.2)
    for (const [level, [, height]] of [...SIZES.entries()].reverse()) {
      await page.evaluate(`player.currentLevel = ${level}; document.querySelector("video").currentTime = 1`)
      await expect.poll(() => page.evaluate('document.querySelector("video").videoHeight')).toBe(height)
    }
    const heard = 'document.querySelector("video").webkitAudioDecodedByteCount'
    expect(await page.evaluate(heard)).toBeGreaterThan(0)
  })

  /** What the line of the page is like from now on. */
  function setLine({ kilobits }: { kilobits?: number }) {
    const downloadThroughput = kilobits === undefined ? -1 : (kilobits * 1000) / 8
    const conditions = { offline: false, latency: 0, downloadThroughput, uploadThroughput: -1 }
    return line.send('Network.emulateNetworkConditions', conditions)
  }

  test('on a slow line it goes down by itself, and up again on a fast one', { timeout: 150_000 }, async () => {
    await page.evaluate(`(() => {
      player.destroy()
      const video = document.querySelector('video')
      // Little is kept, so that what is played again is loaded again.
      const buffers = { maxBufferLength: 4, maxMaxBufferLength: 4, backBufferLength: 0 }
      player = new Hls({ ...buffers, abrEwmaFastVoD: 1, abrEwmaSlowVoD: 2 })
      window.loaded = []
      player.on(Hls.Events.FRAG_LOADED, (_event, { frag }) => loaded.push(player.levels[frag.level].height))
      video.loop = true
      player.loadSource(${JSON.stringify(video.hlsUrl)})
      player.attachMedia(video)
      video.play()
    })()`)
    const expectLevel = (height: number | undefined) =>
      expect.poll(() => page.evaluate('loaded.at(-1)'), { timeout: 45_000 }).toBe(height)
    await expectLevel(bestHeight)
    await setLine({ kilobits: 600 })
    await expectLevel(240)
    await setLine({})
    await expectLevel(bestHeight)
    await expect.poll(() => page.evaluate('document.querySelector("video").videoHeight')).toBe(bestHeight)
  })

  test(`the first picture in ${bestHeight}p needs two requests behind the playlist`, async () => {
    const isMedia = ({ pathname }: URL) => pathname.endsWith('.mp4')
    let left = 2
    // What is asked for behind them gets no answer.
    await page.route(isMedia, (route) => (left-- > 0 ? route.continue() : undefined))
    await page.evaluate(`new Promise((resolve) => {
      player.destroy()
      const video = document.querySelector('video')
      player = new Hls({ startLevel: ${best} })
      video.onloadeddata = () => resolve(true)
      player.loadSource(${JSON.stringify(video.hlsUrl)})
      player.attachMedia(video)
    })`)
    expect(await page.evaluate('document.querySelector("video").videoHeight')).toBe(bestHeight)
    await page.evaluate('player.destroy()')
    await page.unroute(isMedia)
  })

  test('the MP4 plays without hls.js, and its length is known at once', async () => {
    const seen = await page.evaluate(`new Promise((resolve, reject) => {
      const video = document.querySelector('video')
      video.onerror = () => reject(new Error(video.error.message))
      video.onseeked = () => resolve({ duration: video.duration, time: video.currentTime })
      video.onloadedmetadata = () => { video.currentTime = 7 }
      video.src = ${JSON.stringify(video.videoUrl)}
    })`)
    expect(seen).toEqual({ duration: expect.closeTo(SECONDS, 1), time: 7 })
  })
})

test('deleting the video removes every file of it', async () => {
  const [uploadId = ''] = new URL(video.videoUrl).pathname.split('/').slice(2)
  const files = async () => (await storedFiles()).filter((name) => name.includes(uploadId))
  expect((await files()).length).toBeGreaterThan(6)
  await author.api.videos.delete({ id: video.id as never })
  expect(await files()).toEqual([])
  expect((await ask('master.m3u8')).status).toBe(404)
})
