import { readFile } from 'node:fs/promises'
import type { V1FeedItem, V1Video } from '@fanone/contracts/gateway'
import { beforeAll, expect, test } from 'vitest'
import { clipFile, type Member, newMember, publish, randomName, scrollFeed } from '../support/community.ts'
import { send, sendAsIs } from '../support/http.ts'
import { eventually } from '../support/stack.ts'

let author: Member
let reader: Member
beforeAll(async () => {
  author = await newMember('author')
  reader = await newMember('reader')
})

/**
 * The card of a video on the first page of the feed, as a logged-in reader sees it: never from a
 * cache.
 */
async function cardOf(video: V1Video): Promise<V1FeedItem | undefined> {
  const { items } = await reader.api.feeds.newest({ limit: 100 })
  return items.find((item) => item.id === video.id)
}

test('what is published can be played at once, in parts and for good', async () => {
  const clip = await readFile(await clipFile())
  const video = await publish(author)
  expect(video).toMatchObject({ authorId: author.user.id, durationMs: 1000, width: 320, height: 180 })
  expect(video.sizeBytes).toBe(clip.length)

  const part = await fetch(video.videoUrl, { headers: { range: 'bytes=100-299' } })
  expect(part.status).toBe(206)
  expect(part.headers.get('content-range')).toBe(`bytes 100-299/${clip.length}`)
  expect(Buffer.from(await part.arrayBuffer())).toEqual(clip.subarray(100, 300))
  const end = await fetch(video.videoUrl, { headers: { range: 'bytes=-50' } })
  expect(Buffer.from(await end.arrayBuffer())).toEqual(clip.subarray(-50))
  const beyond = await fetch(video.videoUrl, { headers: { range: `bytes=${clip.length}-` } })
  expect(beyond.status).toBe(416)

  const whole = await fetch(video.videoUrl)
  expect(whole.headers.get('content-type')).toBe('video/mp4')
  expect(whole.headers.get('accept-ranges')).toBe('bytes')
  expect(whole.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  expect(Buffer.from(await whole.arrayBuffer())).toEqual(clip)
  const again = await sendAsIs('GET', new URL(video.videoUrl).pathname, {
    'if-none-match': String(whole.headers.get('etag')),
  })
  expect(again.status).toBe(304)
})

test('the cover answers at once, as a picture, for good', async () => {
  const video = await publish(author)
  const cover = await fetch(video.coverUrl)
  expect(cover.status).toBe(200)
  expect(cover.headers.get('content-type')).toBe('image/jpeg')
  expect(cover.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  const bytes = Buffer.from(await cover.arrayBuffer())
  expect(bytes.subarray(0, 3).toString('hex')).toBe('ffd8ff')
  expect(bytes.subarray(-2).toString('hex')).toBe('ffd9')
})

test('a published video is in the newest feed exactly once, with all that its card shows', async () => {
  const video = await publish(author, { title: randomName('seen'), description: 'two\nlines' })
  const card = await eventually(() => cardOf(video))
  const {
    authorId: _a,
    sizeBytes: _b,
    state: _s,
    progress: _p,
    reason: _r,
    hlsUrl: _h,
    storyboardUrl: _t,
    ...shown
  } = video
  expect(card).toEqual({
    ...shown,
    author: {
      id: author.user.id,
      username: author.user.username,
      name: author.user.name,
      avatarUrl: author.user.avatarUrl,
      isFollowing: false,
    },
  })
  const ids = await scrollFeed({ limit: 100, accessToken: reader.tokens.accessToken })
  expect(ids.filter((id) => id === video.id)).toHaveLength(1)
  await eventually(async () => (await scrollFeed({ limit: 100, pages: 1 })).includes(video.id), {
    what: 'visitors see it too',
  })
})

test('an edit shows on the card', async () => {
  const video = await publish(author, { description: 'stays' })
  const title = randomName('edited')
  const edited = await author.api.videos.edit({ id: video.id, title })
  expect(edited).toEqual({ ...video, title, updatedAt: edited.updatedAt })
  expect(Date.parse(edited.updatedAt)).toBeGreaterThan(Date.parse(video.updatedAt))
  expect(await author.api.videos.get({ id: video.id })).toEqual(edited)
  const card = await eventually(async () => {
    const found = await cardOf(video)
    return found?.title === title ? found : undefined
  })
  expect(card.description).toBe('stays')
})

test("a new name of the author shows on the cards of what they published before, and on nobody else's", async () => {
  const famous = await newMember('famous')
  const videos = [await publish(famous), await publish(famous)]
  const other = await publish(author)
  await eventually(async () => (await Promise.all([...videos, other].map(cardOf))).every(Boolean))
  await famous.api.users.editMe({ name: 'New Name ✨' })
  await eventually(async () => {
    const cards = await Promise.all(videos.map(cardOf))
    return cards.every((card) => card?.author.name === 'New Name ✨' && card.author.username === famous.user.username)
  })
  expect((await cardOf(other))?.author.name).toBe(author.user.name)
})

test('a deleted video is gone everywhere: feed, list, page and files', async () => {
  const [video, kept] = [await publish(author), await publish(author)]
  await eventually(async () => (await cardOf(video)) && (await cardOf(kept)))
  await author.api.videos.delete({ id: video.id })
  await expect(author.api.videos.get({ id: video.id })).rejects.toMatchObject({ code: 'video_not_found' })
  const list = await author.api.videos.listByAuthor({ id: author.user.id, limit: 100 })
  expect(list.items.map(({ id }) => id)).not.toContain(video.id)
  expect(list.items.map(({ id }) => id)).toContain(kept.id)
  await eventually(async () => (await cardOf(video)) === undefined, { what: 'the card is gone' })
  for (const url of [video.videoUrl, video.coverUrl]) {
    await eventually(async () => (await send('GET', url)).status === 404, { what: `${url} is gone` })
  }
  expect((await fetch(kept.videoUrl, { method: 'HEAD' })).status).toBe(200)
  expect(await cardOf(kept)).toBeDefined()
})
