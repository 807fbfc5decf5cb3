import { userUpdated, Video } from '@fanone/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { HiddenAuthors } from '../../services/video/src/author/hidden-authors.ts'
import { newUploadId, userWithId, type VideoParts, videoParts } from './video-parts.ts'

let parts: VideoParts
beforeAll(async () => {
  parts = await videoParts()
})
afterAll(() => parts.close())

let lastAuthor = 100
const newAuthor = () => userWithId(++lastAuthor)

/** Inserts videos without files. @returns their ids, oldest first */
async function insertVideos(authorId: number, count: number): Promise<number[]> {
  const ids: number[] = []
  for (let index = 0; index < count; index++) {
    const uploadId = newUploadId()
    const files = { videoKey: `${uploadId}/video.mp4`, coverKey: `${uploadId}/cover.jpg`, sizeBytes: 5_000_000_000 }
    const facts = { durationMs: 1000, width: 320, height: 240 }
    const row = await parts.videos.transaction((transaction) =>
      transaction.insert({ authorId, uploadId, title: `video ${index}`, description: '', ...files, ...facts }),
    )
    ids.push(row.id)
  }
  return ids
}

const idsOf = (page: { items: Video[] }) => page.items.map((video) => video.id)

test('videos are answered in the order asked for, each once, unknown and deleted ones left out', async () => {
  const author = newAuthor()
  const [first = 0, second = 0, third = 0] = await insertVideos(author.userId, 3)
  await parts.catalogue.delete(author, { id: second })
  const answer = await parts.catalogue.getMany({ ids: [third, first, third, second, 12345] })
  expect(idsOf(answer)).toEqual([third, first])
  for (const video of answer.items) expect(Video.parse(video)).toEqual(video)
})

test("an author's list is paged newest first, unmoved by what arrives or vanishes meanwhile", async () => {
  const author = newAuthor()
  const ids = (await insertVideos(author.userId, 7)).reverse()
  await insertVideos(newAuthor().userId, 2)
  const first = await parts.catalogue.listByAuthor({ authorId: author.userId, limit: 3 })
  expect(idsOf(first)).toEqual(ids.slice(0, 3))
  await insertVideos(author.userId, 1)
  await parts.catalogue.delete(author, { id: ids[2] ?? 0 })
  const second = await parts.catalogue.listByAuthor({
    authorId: author.userId,
    limit: 3,
    cursor: first.nextCursor ?? '',
  })
  expect(idsOf(second)).toEqual(ids.slice(3, 6))
  const third = await parts.catalogue.listByAuthor({
    authorId: author.userId,
    limit: 1,
    cursor: second.nextCursor ?? '',
  })
  expect(idsOf(third)).toEqual(ids.slice(6))
  expect(third.nextCursor).toBeNull()
})

test.each([
  'x',
  'YXV0aG9yOjA',
  Buffer.from('author:1 or 1=1').toString('base64url'),
  Buffer.from('newest:5').toString('base64url'),
])('cursor %j is malformed', async (cursor) => {
  const attempt = parts.catalogue.listByAuthor({ authorId: 1, limit: 3, cursor })
  await expect(attempt).rejects.toMatchObject({ code: 'malformed_cursor' })
})

test("an author's list can be paged by offset and counted", async () => {
  const author = newAuthor()
  const ids = (await insertVideos(author.userId, 5)).reverse()
  const page = await parts.catalogue.pageByAuthor({ authorId: author.userId, offset: 3, limit: 10 })
  expect({ ids: idsOf(page), total: page.total }).toEqual({ ids: ids.slice(3), total: 5 })
  const beyond = await parts.catalogue.pageByAuthor({ authorId: author.userId, offset: 2 ** 52, limit: 1 })
  expect(beyond).toEqual({ items: [], total: 5 })
})

test('walking visits every public video once, in id order', async () => {
  const author = newAuthor()
  const ids = await insertVideos(author.userId, 5)
  await parts.catalogue.delete(author, { id: ids[1] ?? 0 })
  const visited: number[] = []
  for (let afterId = 0; ; ) {
    const page = idsOf(await parts.catalogue.walk({ afterId, limit: 2 }))
    if (page.length === 0) break
    visited.push(...page)
    afterId = page.at(-1) ?? 0
  }
  expect(visited).toEqual([...visited].sort((a, b) => a - b))
  expect(visited.filter((id) => ids.includes(id))).toEqual(ids.filter((_, index) => index !== 1))
})

test('neither an author list nor a walk sorts rows', async () => {
  const [author = 0] = [newAuthor().userId]
  await insertVideos(author, 3)
  const queries = [
    'select * from video where author_id = 1 and deleted_at is null order by id desc limit 3',
    'select * from video where author_id = 1 and deleted_at is null and id < 99 order by id desc limit 3',
    'select * from video where id > 5 and deleted_at is null order by id limit 3',
  ]
  for (const query of queries) {
    const [plan] = await parts.database.em().execute<{ Extra: string; key: string }[]>(`explain ${query}`)
    expect(plan?.Extra, query).not.toMatch(/filesort|temporary/)
    expect(plan?.key, query).toMatch(/video_by_author|PRIMARY/)
  }
})

test('an edit changes what is given, counts up and tells; the same edit again does neither', async () => {
  const author = newAuthor()
  const [id = 0] = await insertVideos(author.userId, 1)
  const edited = await parts.catalogue.edit(author, { id, title: 'new title' })
  expect(edited).toMatchObject({ title: 'new title', description: '', version: 2 })
  expect(await parts.catalogue.edit(author, { id, title: 'new title' })).toEqual(edited)
  expect(await parts.catalogue.edit(author, { id })).toEqual(edited)
  expect(idsOf(await parts.catalogue.getMany({ ids: [id] }))).toEqual([id])
  const events = await parts.eventsOf(id)
  expect(events.map(({ type, data }) => [type, data.version, data.title])).toEqual([
    ['video.updated.v1', 2, 'new title'],
  ])
})

test('edits at the same time each count', async () => {
  const author = newAuthor()
  const [id = 0] = await insertVideos(author.userId, 1)
  const edits = Array.from({ length: 10 }, (_, index) => parts.catalogue.edit(author, { id, title: `title ${index}x` }))
  const versions = (await Promise.all(edits)).map((video) => video.version)
  expect(versions.sort((a, b) => a - b)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
  expect((await parts.eventsOf(id)).map(({ data }) => data.version)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
})

test('deleting hides a video and tells so, once', async () => {
  const author = newAuthor()
  const [id = 0] = await insertVideos(author.userId, 1)
  const attempts = await Promise.allSettled([1, 2, 3].map(() => parts.catalogue.delete(author, { id })))
  expect(attempts.filter((attempt) => attempt.status === 'fulfilled')).toHaveLength(1)
  const events = await parts.eventsOf(id)
  expect(events.map(({ type, data }) => [type, data.version, data.authorId])).toEqual([
    ['video.deleted.v1', 2, author.userId],
  ])
  expect(await parts.catalogue.getMany({ ids: [id] })).toEqual({ items: [] })
  for (const again of [
    () => parts.catalogue.delete(author, { id }),
    () => parts.catalogue.edit(author, { id, title: 'x' }),
  ]) {
    await expect(again()).rejects.toMatchObject({ code: 'video_not_found' })
  }
})

test('only the author edits and deletes', async () => {
  const [id = 0] = await insertVideos(newAuthor().userId, 1)
  const stranger = newAuthor()
  await expect(parts.catalogue.edit(stranger, { id, title: 'mine' })).rejects.toMatchObject({ code: 'forbidden' })
  await expect(parts.catalogue.delete(stranger, { id })).rejects.toMatchObject({ code: 'forbidden' })
  await expect(parts.catalogue.delete(stranger, { id: 1 })).rejects.toMatchObject({ code: 'video_not_found' })
  expect(await parts.eventsOf(id)).toEqual([])
})

test('videos of a hidden author are on no page, in no list, search or total, in any instance, and back again', async () => {
  const author = newAuthor()
  const other = newAuthor()
  const [first = 0, second = 0] = await insertVideos(author.userId, 2)
  const [kept = 0] = await insertVideos(other.userId, 1)
  const name = `hidden${author.userId}`
  const tell = (version: number, isHidden: boolean) =>
    parts.authorRepository.applyOnce(
      { id: `${author.userId} ${version}`, source: 'user', type: userUpdated.type, specversion: '1.0', data: {} },
      { authorId: author.userId, version, text: name, isHidden },
    )
  const paging = { offset: 0, limit: 10 }
  const by = { keyword: '', authorName: name }
  const shown = async () => {
    await parts.hidden.load()
    const { total } = await parts.catalogue.pageByAuthor({ authorId: author.userId, ...paging })
    const found = await parts.search.page({ ...by, ...paging })
    return {
      ids: idsOf(await parts.catalogue.getMany({ ids: [first, kept, second] })),
      listed: idsOf(await parts.catalogue.listByAuthor({ authorId: author.userId, limit: 10 })),
      found: [idsOf(found), found.total, idsOf(await parts.search.search({ ...by, limit: 10 }))],
      total,
    }
  }
  await tell(2, false)
  const before = await shown()
  expect(before).toEqual({
    ids: [first, kept, second],
    listed: [second, first],
    found: [[second, first], 2, [second, first]],
    total: 2,
  })
  await tell(3, true)
  expect(await shown()).toEqual({ ids: [kept], listed: [], found: [[], 0, []], total: 0 })
  const { database } = parts
  expect(await new HiddenAuthors({ database }).leaveOut([{ authorId: author.userId }, { authorId: 1 }])).toEqual([
    { authorId: 1 },
  ])
  await tell(2, false)
  expect((await shown()).total).toBe(0)
  await tell(4, false)
  expect(await shown()).toEqual(before)
})
