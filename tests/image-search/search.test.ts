import { afterAll, beforeAll, expect, test } from 'vitest'
import { silentLog } from '../support/scratch-database.ts'
import { drawing, partOf } from '../support/drawings.ts'
import { type ImageSearchParts, imageSearchParts } from './image-search-parts.ts'

let parts: ImageSearchParts
beforeAll(async () => {
  parts = await imageSearchParts()
})
afterAll(() => parts.close())

let version = 0
const event = { id: 'x', source: 'x', type: 'x', specversion: '1.0', data: {} } as const
async function publishVideo(videoId: number, cover: Buffer, key = `v${videoId}/cover.jpg`): Promise<void> {
  await parts.publish(key, cover)
  const at = new Date().toISOString()
  const data = {
    ...{ videoId, authorId: 7, title: 't', description: '', videoKey: `v${videoId}/video.mp4`, coverKey: key },
    ...{ durationMs: 1_000, width: 320, height: 180, version: ++version, createdAt: at, updatedAt: at },
  }
  await parts.handlers['video.published']({ event, data, log: silentLog })
}
const deleteVideo = (videoId: number) =>
  parts.handlers['video.deleted']({
    event,
    data: { videoId, authorId: 7, version: ++version, deletedAt: new Date().toISOString() },
    log: silentLog,
  })

test('a picture is found by a part of itself, until its video is deleted', async () => {
  for (let id = 1; id <= 8; id++) await publishVideo(id, await drawing(id))
  await parts.settled()
  const uploadId = await parts.upload(await partOf(await drawing(3)))
  const found = await parts.search.byUpload({ uploadId, limit: 3 })
  expect(found[0]).toMatchObject({ kind: 'cover', contentId: 3, pictureKey: 'v3/cover.jpg', timeMs: null })
  expect(found).toHaveLength(3)
  expect(found.map(({ score }) => score)).toEqual(found.map(({ score }) => score).toSorted((a, b) => b - a))
  expect(await parts.search.byUpload({ uploadId, limit: 3, kinds: ['avatar'] })).toEqual([])
  const [best] = found
  expect(await parts.search.byUpload({ uploadId, limit: 3, minScore: (best?.score ?? 0) - 0.0001 })).toHaveLength(1)
  await deleteVideo(3)
  expect((await parts.search.byUpload({ uploadId, limit: 8 })).map(({ contentId }) => contentId)).not.toContain(3)
  await parts.settled()
  const serving = await parts.collections.serving()
  expect(await parts.index.ids({ id: serving?.id ?? 0 })).toHaveLength(7)
})
