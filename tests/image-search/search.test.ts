import { afterAll, beforeAll, expect, test } from 'vitest'
import { drawing, partOf } from '../support/drawings.ts'
import { silentLog } from '../support/scratch-database.ts'
import { AUTHOR_ID, event, type ImageSearchParts, imageSearchParts } from './image-search-parts.ts'

let parts: ImageSearchParts
beforeAll(async () => {
  parts = await imageSearchParts()
})
afterAll(() => parts.close())

test('a picture is found by a part of itself, until its video is deleted', async () => {
  for (let id = 1; id <= 8; id++) await parts.publishVideo(id, await drawing(id))
  await parts.settled()
  const uploadId = await parts.upload(await partOf(await drawing(3)))
  const found = await parts.search.byUpload({ uploadId, limit: 3 })
  expect(found[0]).toMatchObject({ kind: 'cover', contentId: 3, pictureKey: 'v3/cover.jpg', timeMs: null })
  expect(found).toHaveLength(3)
  expect(found.map(({ score }) => score)).toEqual(found.map(({ score }) => score).toSorted((a, b) => b - a))
  expect(await parts.search.byUpload({ uploadId, limit: 3, kinds: ['avatar'] })).toEqual([])
  const [best] = found
  expect(await parts.search.byUpload({ uploadId, limit: 3, minScore: (best?.score ?? 0) - 0.0001 })).toHaveLength(1)
  await parts.deleteVideo(3)
  expect((await parts.search.byUpload({ uploadId, limit: 8 })).map(({ contentId }) => contentId)).not.toContain(3)
  await parts.settled()
  expect(await parts.inMilvus()).toHaveLength(7)
})

test('what is of a banned user is not found, also what comes later, until the ban is lifted', async () => {
  const noteUser = (userVersion: number, isHidden: boolean) =>
    parts.handlers['user.updated']({
      event,
      data: {
        ...{ userId: AUTHOR_ID, version: userVersion, username: 'u', name: 'u', avatarKey: null, isHidden },
        updatedAt: new Date().toISOString(),
      },
      log: silentLog,
    })
  const uploadId = await parts.upload(await partOf(await drawing(5)))
  const found = async () => (await parts.search.byUpload({ uploadId, limit: 20 })).map(({ contentId }) => contentId)
  expect(await found()).toContain(5)
  expect(await noteUser(2, true)).toBe('handled')
  await parts.publishVideo(9, await drawing(9))
  expect(await noteUser(1, false)).toBe('duplicate')
  expect(await found()).toEqual([])
  await parts.settled()
  expect(await parts.inMilvus()).toEqual([])
  await noteUser(3, false)
  await parts.settled()
  expect((await found()).toSorted((a, b) => a - b)).toEqual([1, 2, 4, 5, 6, 7, 8, 9])
})
