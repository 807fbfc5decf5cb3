import { setTimeout as delay } from 'node:timers/promises'
import { idTimeMs, userUpdated, type VideoSearch } from '@fanone/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newUploadId, userWithId, type VideoParts, videoParts } from './video-parts.ts'

let parts: VideoParts
beforeAll(async () => {
  parts = await videoParts()
})
afterAll(() => parts.close())

let lastAuthor = 1_000
const newAuthor = () => ++lastAuthor

async function add(video: { authorId: number; title: string; description?: string }) {
  return parts.videos.transaction((transaction) =>
    transaction.insert({
      description: '',
      ...video,
      uploadId: newUploadId(),
      videoKey: 'k/video.mp4',
      coverKey: 'k/cover.jpg',
      durationMs: 1_000,
      width: 320,
      height: 180,
      sizeBytes: 1_000,
    }),
  )
}

const asked = (search: Partial<VideoSearch>) => ({ keyword: '', authorName: '', ...search })
/** Ids of everything that is found; both ways of paging have to agree on it. */
async function find(search: Partial<VideoSearch>): Promise<number[]> {
  const { items, total } = await parts.search.page({ ...asked(search), offset: 0, limit: 100 })
  const scrolled: number[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await parts.search.search({ ...asked(search), limit: 2, ...(cursor ? { cursor } : {}) })
    scrolled.push(...page.items.map(({ id }) => id))
    cursor = page.nextCursor
  }
  const ids = items.map(({ id }) => id)
  expect(scrolled).toEqual(ids)
  expect(total).toBe(ids.length)
  return ids
}

test.each([
  ['a part of the title', 'holiday at the SEA', 'day at', ''],
  ['a part of the description', 'x', 'the wind', 'on the windy hill'],
  ['whatever the case, also in full width', 'Ｈｅｌｌｏ Wörld', 'hello wÖr', ''],
  ['Chinese', '用 TypeScript 写后端服务', '写后端', ''],
  ['one character of Chinese', '龘', '龘', ''],
  ['Chinese and English together', '用 TypeScript 写后端服务', 'script 写', ''],
  ['what SQL would take for a pattern', '100%_sure \\o/', '%_sure \\', ''],
])('a video is found by %s', async (_rule, title, keyword, description) => {
  const video = await add({ authorId: newAuthor(), title, description })
  expect(await find({ keyword })).toContain(video.id)
})

test.each([
  ['for the end of its title and the beginning of its description', 'quuxa', 'bquuz', 'ab'],
  ['for what has the same pairs of characters', 'qwqeqrqwe', '', 'qwer'],
  ['for what looks alike only', 'rené', '', 'rene'],
  ['for a pattern', 'abcxyz', '', 'a%z'],
])('a video is not found %s', async (_rule, title, description, keyword) => {
  const video = await add({ authorId: newAuthor(), title, description })
  expect(await find({ keyword })).not.toContain(video.id)
})

describe('all conditions hold at once', () => {
  test('the keyword, both instants inclusive, and the name', async () => {
    const [mine, other] = [newAuthor(), newAuthor()]
    for (const id of [mine, other]) await parts.authorRepository.name(id, `name${id}`)
    const videos = []
    for (const authorId of [mine, mine, mine, other]) {
      videos.push(await add({ authorId, title: 'conditioned' }))
      await delay(3)
    }
    const [first, second, third, others] = videos.map(({ id }) => id) as [number, number, number, number]
    const [firstMs, secondMs] = [idTimeMs(first), idTimeMs(second)]
    expect(await find({ keyword: 'conditioned' })).toEqual([others, third, second, first])
    expect(await find({ keyword: 'conditioned', fromMs: secondMs })).toEqual([others, third, second])
    expect(await find({ keyword: 'conditioned', toMs: secondMs })).toEqual([second, first])
    expect(await find({ keyword: 'conditioned', fromMs: firstMs, toMs: firstMs })).toEqual([first])
    expect(await find({ keyword: 'conditioned', fromMs: secondMs, toMs: firstMs })).toEqual([])
    expect(await find({ keyword: 'condition', authorName: `NAME${mine}`, fromMs: secondMs })).toEqual([third, second])
    expect(await find({ authorName: `${mine}`, toMs: secondMs })).toEqual([second, first])
    expect(await find({ keyword: 'conditions', authorName: `${mine}` })).toEqual([])
    expect(await find({ fromMs: idTimeMs(others) })).toEqual([others])
  })

  test('total counts before paging', async () => {
    const authorId = newAuthor()
    for (let count = 0; count < 5; count++) await add({ authorId, title: `counted ${count}` })
    const page = await parts.search.page({ ...asked({ keyword: 'counted' }), offset: 3, limit: 3 })
    expect({ total: page.total, titles: page.items.map(({ title }) => title) }).toEqual({
      total: 5,
      titles: ['counted 1', 'counted 0'],
    })
  })
})

test('an edit is found by what it says now, and a deleted video not at all', async () => {
  const authorId = newAuthor()
  const { id } = await add({ authorId, title: 'before the edit' })
  await parts.catalogue.edit(userWithId(authorId), { id, title: 'afterwards' })
  expect(await find({ keyword: 'before the' })).not.toContain(id)
  expect(await find({ keyword: 'afterwards' })).toEqual([id])
  await parts.catalogue.delete(userWithId(authorId), { id })
  expect(await find({ keyword: 'afterwards' })).toEqual([])
  const left = await parts.database.em().execute('select 1 from video_gram where video_id = ?', [id])
  expect(left).toEqual([])
})

test('a search for what nobody wrote is empty', async () => {
  expect(await find({ keyword: 'ⱳⱴⱱ' })).toEqual([])
  expect(await find({ authorName: 'ⱳⱴⱱ' })).toEqual([])
})

describe('the name of an author', () => {
  const renamed = (userId: number, version: number, name: string) => ({
    event: {
      id: `${userId}-${version}`,
      source: 'user',
      type: userUpdated.type,
      specversion: '1.0' as const,
      data: {},
    },
    author: { authorId: userId, version, text: `user${userId}\u0000${name}` },
  })
  const apply = ({ event, author }: ReturnType<typeof renamed>) => parts.authorRepository.applyOnce(event, author)

  test('follows the events, whatever order they come in, and each once', async () => {
    const authorId = newAuthor()
    const { id } = await add({ authorId, title: 'by somebody' })
    expect(await apply(renamed(authorId, 3, 'third'))).toBe(true)
    expect(await apply(renamed(authorId, 2, 'second'))).toBe(true)
    expect(await apply(renamed(authorId, 3, 'third'))).toBe(false)
    await parts.authorRepository.name(authorId, 'asked long ago')
    expect(await find({ authorName: 'third' })).toEqual([id])
    for (const name of ['second', 'asked long']) expect(await find({ authorName: name })).toEqual([])
    expect(await find({ authorName: `user${authorId}` })).toEqual([id])
  })

  test('is asked for where it is not known', async () => {
    const authorId = newAuthor()
    const { id } = await add({ authorId, title: 'by a stranger' })
    expect(await find({ authorName: `user${authorId}` })).toEqual([])
    parts.indexer.start()
    await expect.poll(() => find({ authorName: `user${authorId}` })).toEqual([id])
    await parts.indexer.stop()
  })
})

test('what was there before the search, or changed by who did not know of it, is found after a look at everything', async () => {
  const authorId = newAuthor()
  const old = await add({ authorId, title: 'an old one' })
  const edited = await add({ authorId, title: 'edited beside' })
  const deleted = await add({ authorId, title: 'deleted beside' })
  const em = parts.database.em()
  await em.execute('delete from video_gram where video_id = ?', [old.id])
  await em.execute('delete from video_search where video_id = ?', [old.id])
  await em.execute("update video set title = 'changed beside', version = 2 where id = ?", [edited.id])
  await em.execute('update video set deleted_at = now(3) where id = ?', [deleted.id])
  const { indexer } = await parts.instance()
  expect(await indexer.compareAll()).toBe(3)
  expect(await find({ keyword: 'an old one' })).toEqual([old.id])
  expect(await find({ keyword: 'changed beside' })).toEqual([edited.id])
  expect(await find({ keyword: 'edited beside' })).toEqual([])
  expect(await find({ keyword: 'deleted beside' })).toEqual([])
  expect(await indexer.compareAll()).toBe(0)
})

test('many who publish at the same time do not wait for each other', async () => {
  const authorId = newAuthor()
  const titles = Array.from({ length: 30 }, (_, index) => `at once ${index} ${'吉'.repeat(index)}`)
  await Promise.all(titles.map((title) => add({ authorId, title })))
  expect(await find({ keyword: 'at once' })).toHaveLength(30)
})
