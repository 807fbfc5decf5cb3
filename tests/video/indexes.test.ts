import { idTimeMs } from '@fanone/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { gramsOf, searchText } from '../../services/video/src/search/grams.ts'
import { explainQueries, wastefulQueries } from '../support/explain.ts'
import { newUploadId, userWithId, type VideoParts, videoParts } from './video-parts.ts'

const VIDEOS = 600
const AUTHORS = 100
const title = (index: number) => `holiday number ${index} 在海边 ${['red', 'green', 'blue'][index % 3]}`

let parts: VideoParts
let ids: number[]
beforeAll(async () => {
  parts = await videoParts()
  ids = Array.from({ length: VIDEOS }, () => parts.database.newId())
  const now = new Date()
  await insert(
    'video',
    'id, author_id, upload_id, title, description, video_key, cover_key, duration_ms, width, height, size_bytes, version, created_at, updated_at',
    ids.map((id, index) => [id, index % AUTHORS, newUploadId(), title(index), '', 'k', 'k', 1, 1, 1, 1, 1, now, now]),
  )
  const texts = ids.map((_, index) => searchText(title(index), ''))
  await insert(
    'video_search',
    'video_id, author_id, version, text',
    ids.map((id, index) => [id, index % AUTHORS, 1, texts[index]]),
  )
  const grams = ids.flatMap((id, index) => [...gramsOf(texts[index] as string)].map((gram) => [gram, id]))
  await insert('video_gram', 'gram, video_id', grams)
  const names = Array.from({ length: AUTHORS }, (_, id) => searchText(`author${id}`, `Somebody ${id}`))
  await insert(
    'author',
    'id, text, version',
    names.map((name, id) => [id, name, 1]),
  )
  await insert(
    'author_gram',
    'gram, author_id',
    names.flatMap((name, id) => [...gramsOf(name)].map((gram) => [gram, id])),
  )
  for (const table of ['video', 'video_search', 'video_gram', 'author', 'author_gram'])
    await parts.database.em().execute(`analyze table ${table}`)
})
afterAll(() => parts.close())

async function insert(table: string, columns: string, rows: unknown[][]): Promise<void> {
  const places = `(${columns
    .split(',')
    .map(() => '?')
    .join(', ')})`
  for (let from = 0; from < rows.length; from += 1_000) {
    const batch = rows.slice(from, from + 1_000)
    const all = batch.map(() => places).join(', ')
    await parts.database.em().execute(`insert into ${table} (${columns}) values ${all}`, batch.flat() as never, 'run')
  }
}

const nothing = { keyword: '', authorName: '' }
const searchAll = async (conditions: object) => {
  await parts.search.page({ ...nothing, ...conditions, offset: 5, limit: 5 })
  await parts.search.search({ ...nothing, ...conditions, limit: 5 })
}

test('no search and no list looks through a table', async () => {
  const middleMs = idTimeMs(ids[VIDEOS / 2] as number)
  const explained = await explainQueries(parts.database, async () => {
    for (const keyword of ['', '海', '海边', 'number 77', 'holiday', 'nowhere to be found'])
      for (const authorName of ['', 'r7', 'author77', 'nobody']) await searchAll({ keyword, authorName })
    await searchAll({ keyword: 'holiday', fromMs: middleMs, toMs: middleMs + 5 })
    await parts.catalogue.listByAuthor({ authorId: 7, limit: 5 })
    await parts.catalogue.pageByAuthor({ authorId: 7, offset: 2, limit: 5 })
    await parts.catalogue.getMany({ ids: ids.slice(0, 5) })
    await parts.catalogue.walk({ afterId: ids[3] as number, limit: 100 })
    await parts.catalogue.edit(userWithId(7), { id: ids[7] as number, title: 'edited' })
    await parts.catalogue.delete(userWithId(8), { id: ids[8] as number })
    await parts.authorRepository.name(7, searchText('renamed', 'Renamed'))
    await parts.authorRepository.nameless(10)
    await parts.authorRepository.named([1, 2, 3])
  })
  expect(explained.length).toBeGreaterThan(20)
  expect(wastefulQueries(explained).filter((waste) => /scan/.test(waste))).toEqual([])
  // Videos found by author come from many places and are sorted; nothing else is.
  const sorted = wastefulQueries(explained).filter((waste) => !/author_gram/.test(waste))
  expect(sorted).toEqual([])
})
