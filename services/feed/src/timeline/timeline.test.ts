import type { Card, Video } from '@fanone/contracts'
import fc from 'fast-check'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { toAuthor } from '../author/author.service.ts'
import { keys } from '../redis/feed-redis.ts'
import { exampleEvent, exampleProfile, exampleVideo, idAt, timeAt } from '../testing/examples.ts'
import { readChecked, readToEnd, startTimelines } from '../testing/timelines.ts'
import { changeFromVideo, removal } from './card.ts'
import type { TimelineService } from './timeline.service.ts'

const { redis, timelines, authors, service, begin, end } = await startTimelines()
beforeEach(() => begin([7]))
afterAll(end)

const show = (id: number, changes: Partial<Video> = {}) =>
  timelines.applyOnce(exampleEvent(), changeFromVideo(exampleVideo(id, changes)))
const hide = (id: number, version: number) => timelines.applyOnce(exampleEvent(), removal(id, version))
const readPage = (input: Parameters<TimelineService['newest']>[0]) => readChecked(service.newest(input))
const newest = async (limit = 100) => (await readPage({ limit })).items
const titles = (cards: Card[]) => cards.map(({ title }) => title)
const names = (cards: Card[]) => cards.map(({ author }) => author.name)
const authorRecord = async () => (await authors.records([7]))[0] ?? null
const ids = (cards: Card[]) => cards.map(({ id }) => id)

const noCounters = { likes: 0, comments: 0, visits: 0 }

const readAll = (limit: number, between?: (page: number) => Promise<unknown>) =>
  readToEnd((cursor) => readPage({ limit, ...cursor }), between)

test('cards come newest first, each with its author and nothing else', async () => {
  await show(idAt(1))
  await show(idAt(2))
  const { authorId, sizeBytes, version, state, progress, reason, hlsKey, storyboardKey, ...facts } = exampleVideo(
    idAt(2),
  )
  expect(await newest()).toEqual([
    { ...facts, author: { id: 7, username: 'user7', name: 'User 7', avatarKey: null }, counters: noCounters },
    expect.objectContaining({ id: idAt(1) }),
  ])
})

test('the largest ids are exact in Redis', async () => {
  const largest = [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER - 2]
  for (const id of largest) await show(id, { createdAt: '2026-11-21T12:00:00.000Z' })
  expect(await readAll(1)).toEqual(largest)
})

test('a page says whether there is more, exactly', async () => {
  for (let i = 1; i <= 4; i++) await show(idAt(i))
  expect(await readPage({ limit: 4 })).toMatchObject({ nextCursor: null })
  expect((await readPage({ limit: 3 })).nextCursor).not.toBeNull()
})

test('a page is filled up over cards that are missing', async () => {
  for (let i = 1; i <= 9; i++) await show(idAt(i))
  await redis.del(keys.card(idAt(8)), keys.card(idAt(7)), keys.card(idAt(1)))
  expect(ids(await newest(3))).toEqual([9, 6, 5].map((ms) => idAt(ms)))
  expect(await readAll(3)).toEqual([9, 6, 5, 4, 3, 2].map((ms) => idAt(ms)))
})

test('a card waits for its author and does not take a place meanwhile', async () => {
  await show(idAt(1))
  await show(idAt(2), { authorId: 8 })
  expect(ids(await newest(1))).toEqual([idAt(1)])
  await authors.applyOnce(exampleEvent(), toAuthor(exampleProfile(8)), 1)
  expect(ids(await newest())).toEqual([idAt(2), idAt(1)])
})

test('cards of a hidden author are left out and take no place, until the author is shown again', async () => {
  await authors.applyOnce(exampleEvent(), toAuthor(exampleProfile(8)), 1)
  for (let i = 1; i <= 3; i++) await show(idAt(i))
  await show(idAt(4), { authorId: 8 })
  const tell = (version: number, isHidden: boolean) =>
    authors.applyOnce(exampleEvent(), { ...toAuthor(exampleProfile(8)), isHidden }, version)
  expect(ids(await newest(2))).toEqual([idAt(4), idAt(3)])
  await tell(3, true)
  await tell(2, false)
  expect(ids(await newest(2))).toEqual([idAt(3), idAt(2)])
  expect(await readAll(1)).toEqual([3, 2, 1].map((ms) => idAt(ms)))
  await tell(4, false)
  expect(ids(await newest(2))).toEqual([idAt(4), idAt(3)])
})

test('nothing is repeated or skipped while videos arrive and vanish between pages', async () => {
  const first = Array.from({ length: 20 }, (_, index) => idAt((index + 1) * 10))
  for (const id of first) await show(id)
  const seen = await readAll(3, async (page) => {
    await show(idAt(1_000 + page))
    await show(idAt(195 - page))
    await hide(idAt(200 - page * 30), 2)
  })
  expect(seen).toEqual([...new Set(seen)].toSorted((a, b) => b - a))
  const shown = ids(await newest())
  for (const id of first.filter((id) => shown.includes(id))) expect(seen).toContain(id)
})

test('between takes neither bound, to the millisecond', async () => {
  for (const [ms, sequence] of [
    [1, 0],
    [2, 0],
    [2, 127],
    [3, 0],
    [4, 0],
  ] as const)
    await show(idAt(ms, sequence))
  const read = async (
    afterMs: number | undefined,
    beforeMs: number | undefined,
    order: 'newestFirst' | 'oldestFirst',
  ) => ids((await service.between({ afterMs, beforeMs, order, limit: 100 })).read().items)
  expect(await read(timeAt(1), timeAt(4), 'oldestFirst')).toEqual([idAt(2), idAt(2, 127), idAt(3)])
  expect(await read(timeAt(1), timeAt(4), 'newestFirst')).toEqual([idAt(3), idAt(2, 127), idAt(2)])
  expect(await read(timeAt(2), timeAt(3), 'oldestFirst')).toEqual([])
  expect(await read(undefined, timeAt(2), 'newestFirst')).toEqual([idAt(1)])
  expect(await read(timeAt(3), undefined, 'oldestFirst')).toEqual([idAt(4)])
  expect(await read(0, Number.MAX_SAFE_INTEGER, 'oldestFirst')).toHaveLength(5)
  expect(await read(Number.MAX_SAFE_INTEGER, undefined, 'oldestFirst')).toEqual([])
  expect(await read(undefined, 0, 'newestFirst')).toEqual([])
})

test('an event that comes twice, also at the same time, counts once', async () => {
  const event = exampleEvent()
  const change = changeFromVideo(exampleVideo(idAt(1)))
  const outcomes = await Promise.all([1, 2, 3].map(() => timelines.applyOnce(event, change)))
  expect(outcomes.toSorted()).toEqual([false, false, true])
  expect(await newest()).toHaveLength(1)
})

test('two services may use the same event id', async () => {
  await timelines.applyOnce(exampleEvent({ id: '1', source: 'video' }), changeFromVideo(exampleVideo(idAt(1))))
  const event = exampleEvent({ id: '1', source: 'user' })
  expect(await authors.applyOnce(event, toAuthor(exampleProfile(7, { name: 'New' })), 1)).toBe(true)
})

test('a card changes to higher versions only', async () => {
  await show(idAt(1), { version: 2, title: 'two' })
  await show(idAt(1), { version: 1, title: 'one' })
  await show(idAt(1), { version: 2, title: 'other two' })
  expect(titles(await newest())).toEqual(['two'])
  await show(idAt(1), { version: 10, title: 'ten' })
  await show(idAt(1), { version: 9, title: 'nine' })
  expect(titles(await newest())).toEqual(['ten'])
})

test('a deleted video does not come back, and its tombstone ends one day', async () => {
  await show(idAt(1), { version: 1 })
  await hide(idAt(1), 3)
  await show(idAt(1), { version: 2 })
  await timelines.merge([changeFromVideo(exampleVideo(idAt(1), { version: 3 }))])
  expect(await newest()).toEqual([])
  await show(idAt(2), { version: 1 })
  await hide(idAt(2), 1)
  expect(await newest()).toEqual([])
  expect(await redis.ttl(keys.card(idAt(1)))).toBeGreaterThan(29 * 86_400)
})

test('events of one video converge in any order and however often they come', async () => {
  const versions = [1, 2, 3].map((version) => exampleVideo(idAt(1), { version, title: `v${version}` }))
  const changes = [...versions.map(changeFromVideo), removal(idAt(1), 4)]
  const deliveries = fc
    .integer({ min: 1, max: 4 })
    .chain((count) => fc.tuple(fc.constant(count), permutationWithRepeats(count)))
  await fc.assert(
    fc.asyncProperty(deliveries, async ([count, order]) => {
      await redis.del(keys.card(idAt(1)), keys.newest)
      const events = changes.map((change) => ({ event: exampleEvent(), change }))
      for (const { event, change } of order.flatMap((index) => events[index] ?? [])) {
        await timelines.applyOnce(event, change)
      }
      expect(titles(await newest())).toEqual(count === 4 ? [] : [`v${count}`])
    }),
  )
})

/** Every index below `count` in any order, among repeats of some. */
function permutationWithRepeats(count: number): fc.Arbitrary<number[]> {
  const indexes = Array.from({ length: count }, (_, index) => index)
  const all = fc.shuffledSubarray(indexes, { minLength: count })
  return fc
    .tuple(fc.array(fc.constantFrom(...indexes), { maxLength: 4 }), all)
    .map(([some, rest]) => [...some, ...rest])
}

test('an author changes to higher versions only, on every card at once', async () => {
  await show(idAt(1))
  await show(idAt(2))
  const rename = (name: string, version: number) =>
    authors.applyOnce(exampleEvent({ source: 'user' }), toAuthor(exampleProfile(7, { name })), version)
  await rename('Second', 2)
  await rename('First', 1)
  expect((await newest()).map(({ author }) => author.name)).toEqual(['Second', 'Second'])
})

test('a profile that was asked for never covers what an event told meanwhile', async () => {
  const [before = null] = await authors.records([7])
  await authors.applyOnce(exampleEvent(), toAuthor(exampleProfile(7, { name: 'Event' })), 1)
  await authors.replace(toAuthor(exampleProfile(7, { name: 'Asked' })), before)
  await show(idAt(1))
  expect((await newest())[0]?.author.name).toBe('Event')
})

test('titles of any script and with any sign come out as they went in', async () => {
  const title = '中文 🎬 "quoted" \\ {"author":1} %d ::'
  await show(idAt(1), { title, description: 'line\nbreak\t' })
  expect(await newest()).toMatchObject([{ title, description: 'line\nbreak\t' }])
})

test('timelines that were never built, or were lost, are not an empty answer', async () => {
  await redis.flushall()
  await expect(service.newest({ limit: 1 })).rejects.toMatchObject({ code: 'unavailable', retryAfterSeconds: 1 })
})

test('whatever changes shows on pages that were read before, and what did not change is not read again', async () => {
  await show(idAt(1), { title: 'first' })
  await show(idAt(2), { title: 'second' })
  expect(titles(await newest())).toEqual(['second', 'first'])
  const changes: [() => Promise<unknown>, (cards: Card[]) => unknown, unknown][] = [
    [() => show(idAt(2), { title: 'renamed', version: 2 }), titles, ['renamed', 'first']],
    [() => show(idAt(3), { title: 'third' }), titles, ['third', 'renamed', 'first']],
    [() => hide(idAt(3), 2), titles, ['renamed', 'first']],
    [
      () => authors.applyOnce(exampleEvent(), { ...toAuthor(exampleProfile(7)), name: 'By event' }, 5),
      names,
      ['By event', 'By event'],
    ],
    [
      async () => authors.replace({ ...toAuthor(exampleProfile(7)), name: 'Asked' }, await authorRecord()),
      names,
      ['Asked', 'Asked'],
    ],
  ]
  for (const [change, shown, expected] of changes) {
    await change()
    expect(shown(await newest())).toEqual(expected)
    await redis.config('RESETSTAT')
    expect(shown(await newest())).toEqual(expected)
    expect(await redis.info('commandstats')).not.toContain('cmdstat_mget')
  }
})

test('a page that is remembered is not shown when the timelines are lost', async () => {
  await show(idAt(1))
  expect(await newest()).toHaveLength(1)
  await redis.flushall()
  await expect(service.newest({ limit: 100 })).rejects.toMatchObject({ code: 'unavailable' })
})

test('texts that look like the fields of a card stay what they are', async () => {
  const title = '{"author":{"id":1}},"}\\",\u2028 🚲'
  await show(idAt(1), { title, description: title })
  expect(await newest()).toMatchObject([{ title, description: title, author: { id: 7 } }])
})
