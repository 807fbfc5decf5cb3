import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { V1Session, V1User, V1Video } from '@fanone/contracts/gateway'
import sharp from 'sharp'
import { Upload as TusUpload } from 'tus-js-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { z } from 'zod'
import { makeClip } from '../../services/video/src/testing/clips.ts'
import { randomName } from '../support/community.ts'
import { type Installation, newInstallation } from '../support/installation.ts'
import { isFull } from '../support/sampling.ts'
import { eventually, root } from '../support/stack.ts'
import { padded } from '../support/uploads.ts'
import { walk } from '../support/walk.ts'

// A plain run tries the same with the parts of one service (tests/storage/s3-video.test.ts).

let installation: Installation
beforeAll(async () => {
  const env = { STORAGE: 's3', UPLOAD_EXPIRY_SECONDS: '90', MEDIA_SWEEP_SECONDS: '5', MEDIA_GRACE_SECONDS: '60' }
  installation = await newInstallation({ checkout: root, env })
})
afterAll(() => installation.remove())

const MEBIBYTE = 1024 ** 2
/** Jobs of several videos take turns, and the janitor waits for a minute. */
const PATIENCE = { timeoutMs: 240_000 }
const address = () => `http://127.0.0.1:${installation.portBase + 1_080}`

/** Sends a request to the API, and reads JSON. */
async function call<Body>(method: string, path: string, body?: FormData | object, token?: string): Promise<Body> {
  const isForm = body instanceof FormData
  const response = await fetch(address() + path, {
    method,
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(body && !isForm ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: isForm ? body : JSON.stringify(body) } : {}),
  })
  expect(response.status, path).toBeLessThan(300)
  return (response.status === 204 ? undefined : await response.json()) as Body
}

function form(fields: Record<string, string | Blob>): FormData {
  const body = new FormData()
  for (const [name, value] of Object.entries(fields)) body.append(name, value)
  return body
}

/** What is in the bucket, what grows there and what goes on in it included. */
async function objects(): Promise<string[]> {
  const bucket = join(installation.home, 'data/s3/fanone')
  const files = (await walk(bucket))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  return files.map((file) => file.slice(bucket.length + 1)).sort()
}

const isListed = async (id: number) => {
  const { items } = await call<{ items: V1Video[] }>('GET', '/v1/feeds/newest')
  return items.some((video) => video.id === id)
}

/** Sends a file by tus, in pieces and in parts side by side. @returns the id of the upload */
function sendByTus(file: Buffer, token: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const tus = new TusUpload(file, {
      endpoint: `${address()}/v1/uploads`,
      headers: { authorization: `Bearer ${token}` },
      parallelUploads: 2,
      chunkSize: 4 * MEBIBYTE,
      onError: reject,
      onSuccess: () => resolve(new URL(tus.url ?? '').pathname.split('/').at(-1) ?? ''),
    })
    tus.start()
  })
}

async function sendInChunks(file: Buffer, token: string): Promise<void> {
  const post = (verb: string, fields: Record<string, string | Blob>) =>
    call<{ base: { code: number }; uuid: string }>('POST', `/video/publish/${verb}`, form(fields), token)
  const { uuid } = await post('start', { title: 'in chunks', description: '', chunk_total_number: '2' })
  for (const [index, bytes] of [file.subarray(0, 6 * MEBIBYTE), file.subarray(6 * MEBIBYTE)].entries()) {
    const md5 = createHash('md5').update(bytes).digest('hex')
    await post('uploading', { uuid, md5, chunk_number: String(index + 1), data: new Blob([Uint8Array.from(bytes)]) })
  }
  expect(await post('complete', { uuid })).toMatchObject({ base: { code: 10000 } })
}

/** Follows the events of a video to their end. */
async function processed(id: number, token: string): Promise<V1Video> {
  const headers = { authorization: `Bearer ${token}` }
  await (await fetch(`${address()}/v1/videos/${id}/events`, { headers })).text()
  return await eventually(async () => {
    const video = await call<V1Video>('GET', `/v1/videos/${id}`)
    return video.storyboardUrl ? video : undefined
  }, PATIENCE)
}

/** What a player does: every playlist, and every segment of each, by its range. */
async function play(hlsUrl: string): Promise<number> {
  const text = async (url: string) => await (await fetch(url)).text()
  let seconds = 0
  for (const [name] of (await text(hlsUrl)).matchAll(/^[^#\n]+$/gm)) {
    const playlist = await text(new URL(name, hlsUrl).href)
    const ranges = [...playlist.matchAll(/#EXTINF:([\d.]+),\n#EXT-X-BYTERANGE:(\d+)@(\d+)\n(.+)/g)]
    seconds = 0
    for (const [, length, bytes = '', at = '', file = ''] of ranges) {
      const range = `bytes=${at}-${Number(at) + Number(bytes) - 1}`
      const part = await fetch(new URL(file, hlsUrl), { headers: { range } })
      const segment = Buffer.from(await part.arrayBuffer())
      expect([part.status, segment.length, segment.toString('latin1', 4, 8)]).toEqual([206, Number(bytes), 'moof'])
      seconds += Number(length)
    }
  }
  return seconds
}

test.skipIf(!isFull)(
  'an installation on S3 takes, converts, plays and deletes videos, shows pictures, and has no file elsewhere',
  { timeout: 600_000 },
  async () => {
    const start = await installation.run('start', '--no-demo', '--no-monitoring')
    expect(start.exitCode, start.output).toBe(0)
    const credentials = { username: randomName(), password: randomName('password') }
    const { tokens, user } = await call<z.infer<typeof V1Session>>('POST', '/v1/users', credentials)
    const token = tokens.accessToken
    const picture = await sharp({ create: { width: 300, height: 300, channels: 3, background: 'red' } })
      .png()
      .toBuffer()
    const file = new Blob([picture])
    const { avatarUrl } = await call<V1User>('PUT', '/v1/users/me/avatar', form({ file }), token)
    expect((await fetch(avatarUrl)).headers.get('content-type')).toBe('image/webp')

    // Its index is last, as ffmpeg and telephones write it.
    const clip = await readFile(await makeClip(join(installation.home, 'clip.mp4'), { seconds: 5, audio: 'aac' }))
    const large = padded(clip, 11 * MEBIBYTE)
    const uploadId = await sendByTus(large, token)
    const resumed = await call<V1Video>('POST', '/v1/videos', { uploadId, title: 'resumed' }, token)
    await sendInChunks(large, token)
    const single = await call<V1Video>('POST', '/v1/videos', form({ title: 'S3', file: new Blob([clip]) }), token)
    await eventually(async () => (await isListed(single.id)) && (await isListed(resumed.id)))

    const video = await processed(resumed.id, token)
    expect(video).toMatchObject({ state: 'ready', sizeBytes: large.length })
    expect(Math.abs((await play(video.hlsUrl ?? '')) * 1000 - video.durationMs)).toBeLessThan(100)
    expect((await fetch(video.storyboardUrl ?? '')).headers.get('content-type')).toMatch('text/vtt')
    await playRanges(video, large.length)

    await call('PUT', `/v1/videos/${video.id}/cover`, form({ file }), token)
    const { items } = await call<{ items: V1Video[] }>('GET', `/v1/users/${user.id}/videos`)
    expect(items).toHaveLength(3)
    // One upload stays unfinished, until its time is over.
    const unfinished = { authorization: `Bearer ${token}`, 'tus-resumable': '1.0.0', 'upload-length': '9000000' }
    const begun = await fetch(`${address()}/v1/uploads`, {
      method: 'POST',
      headers: { ...unfinished, 'content-type': 'application/offset+octet-stream' },
      body: Uint8Array.from(large.subarray(0, 6 * MEBIBYTE)),
    })
    expect(begun.status).toBe(201)
    expect((await objects()).some((name) => name.startsWith('.growing/'))).toBe(true)
    for (const { id } of items) await call('DELETE', `/v1/videos/${id}`, undefined, token)
    await call('DELETE', '/v1/users/me/avatar', undefined, token)
    // What a job was making of a deleted video goes with the janitor.
    await eventually(async () => (await objects()).length === 0, PATIENCE)
    expect(await readdir(join(installation.home, 'data'))).not.toContain('media-store')
    expect(await readdir(join(installation.home, 'run/s3-files')).catch(() => [])).toEqual([])
  },
)

/** The MP4 of a video begins with its index, and answers ranges by RFC 9110. */
async function playRanges({ videoUrl }: V1Video, sizeBytes: number): Promise<void> {
  const range = async (value: string, more: Record<string, string> = {}) => {
    const answer = await fetch(videoUrl, { headers: { range: value, ...more } })
    const bytes = Buffer.from(await answer.arrayBuffer())
    return { status: answer.status, of: answer.headers.get('content-range'), bytes, etag: answer.headers.get('etag') }
  }
  const first = await range('bytes=0-99')
  expect([first.status, first.of]).toEqual([206, `bytes 0-99/${sizeBytes}`])
  expect(first.bytes.includes('moov')).toBe(true)
  expect(await range('bytes=-10')).toMatchObject({
    status: 206,
    of: `bytes ${sizeBytes - 10}-${sizeBytes - 1}/${sizeBytes}`,
  })
  expect(await range(`bytes=${sizeBytes}-`)).toMatchObject({ status: 416, of: `bytes */${sizeBytes}` })
  expect(await range('bytes=0-9', { 'if-range': first.etag ?? '' })).toMatchObject({ status: 206 })
  expect(await range('bytes=0-9', { 'if-range': '"other"' })).toMatchObject({ status: 200 })
}
