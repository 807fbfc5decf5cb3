import type { Card } from '@fanone/contracts'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { SupplementService } from '../rebuild/supplement.service.ts'
import { keys } from '../redis/feed-redis.ts'
import { exampleEvent, exampleVideo, idAt } from '../testing/examples.ts'
import { readChecked, readToEnd, startTimelines } from '../testing/timelines.ts'
import { changeFromVideo, removal } from './card.ts'

const { redis, timelines, counters, popular, following, service, begin, end } = await startTimelines()
beforeEach(() => begin([7, 8]))
afterAll(end)

const show = (id: number, authorId = 7) =>
  timelines.applyOnce(exampleEvent(), changeFromVideo(exampleVideo(id, { authorId })))
const hide = (id: number) => timelines.applyOnce(exampleEvent(), removal(id, 2))
const count = (id: number, likes: number, version: number, visits = 0) =>
  counters.merge([{ id, version, likes, comments: 0, visits }])
const rank = (version: number, ids: number[]) =>
  popular.put({ period: 'day', version, items: ids.map((videoId, index) => ({ videoId, visits: 100 - index })) })
const follow = (followeeId: number, version: number) => following.merge([{ followerId: 1, followeeId, version }], true)
const unfollow = (followeeId: number, version: number) =>
  following.merge([{ followerId: 1, followeeId, version }], false)

const newest = async () => (await readChecked(service.newest({ limit: 100 }))).items
const likes = (cards: Card[]) => cards.map((card) => card.counters.likes)
const ids = (cards: Card[]) => cards.map(({ id }) => id)
const readPopular = (input: { cursor?: string; offset?: number; limit: number }) =>
  readChecked(service.popular({ period: 'day', ...input }))
const readFollowing = (input: { cursor?: string; limit: number }) =>
  readChecked(service.following({ userId: 1, ...input }))

test('counters show on a page that was read before, and only newer ones do', async () => {
  await show(idAt(1))
  await show(idAt(2))
  expect(likes(await newest())).toEqual([0, 0])
  await count(idAt(1), 5, 3)
  expect(likes(await newest())).toEqual([0, 5])
  await count(idAt(1), 4, 2)
  await count(idAt(2), 1, 1)
  expect(likes(await newest())).toEqual([1, 5])
})

test('cards are not read again because their counters have changed', async () => {
  await show(idAt(1))
  await newest()
  await count(idAt(1), 5, 1)
  await redis.config('RESETSTAT')
  expect(likes(await newest())).toEqual([5])
  expect(await redis.info('commandstats')).not.toContain('cmdstat_mget')
})

test('counters that come before their card wait for it', async () => {
  await count(idAt(1), 5, 1)
  await show(idAt(1))
  expect(likes(await newest())).toEqual([5])
})

test('a ranking comes in its order, without what was deleted, and older rankings change nothing', async () => {
  for (const ms of [1, 2, 3]) await show(idAt(ms))
  await rank(2, [idAt(2), idAt(9), idAt(3), idAt(1)])
  expect(await rank(1, [idAt(1)])).toBe(false)
  await hide(idAt(3))
  expect(ids((await readPopular({ limit: 10 })).items)).toEqual([idAt(2), idAt(1)])
})

test('pages of a ranking neither repeat nor skip while it changes', async () => {
  const all = Array.from({ length: 25 }, (_, index) => idAt(index + 1))
  for (const id of all) await show(id)
  let version = 1
  await rank(version, all)
  const seen = await readToEnd(
    (cursor) => readPopular({ ...cursor, limit: 4 }),
    () => rank(++version, all.toReversed()),
  )
  expect(seen).toEqual(all)
  expect(ids((await readPopular({ limit: 2 })).items)).toEqual(all.toReversed().slice(0, 2))
})

test('a page of a ranking is filled up over cards that are missing; a page by offset is not', async () => {
  for (const ms of [1, 3, 5, 6]) await show(idAt(ms))
  await rank(
    1,
    [1, 2, 3, 4, 5, 6].map((ms) => idAt(ms)),
  )
  expect(await readToEnd((cursor) => readPopular({ ...cursor, limit: 3 }))).toEqual([1, 3, 5, 6].map((ms) => idAt(ms)))
  expect(ids((await readPopular({ offset: 0, limit: 3 })).items)).toEqual([idAt(1), idAt(3)])
  expect(ids((await readPopular({ offset: 3, limit: 3 })).items)).toEqual([idAt(5), idAt(6)])
  expect((await readPopular({ offset: 60, limit: 3 })).items).toEqual([])
})

test('a ranking that was replaced stays for ten minutes, and what does not name one is no cursor', async () => {
  for (const ms of [1, 2]) await show(idAt(ms))
  await rank(1, [idAt(1), idAt(2)])
  const { nextCursor } = await readPopular({ limit: 1 })
  await rank(2, [idAt(2)])
  expect(await redis.ttl(`${keys.rankingPrefix('day')}1`)).toBeGreaterThan(590)
  expect(await redis.ttl(`${keys.rankingPrefix('day')}2`)).toBe(-1)
  await redis.del(`${keys.rankingPrefix('day')}1`)
  await expect(readPopular({ cursor: nextCursor as string, limit: 1 })).rejects.toMatchObject({
    code: 'malformed_cursor',
  })
  await expect(readPopular({ cursor: 'bm9uZQ', limit: 1 })).rejects.toMatchObject({ code: 'malformed_cursor' })
  await expect(service.popular({ period: 'week', cursor: nextCursor as string, limit: 1 })).rejects.toMatchObject({
    code: 'malformed_cursor',
  })
})

test.each(['hour', 'day', 'week', 'all'] as const)(
  'a video in the ranking of %s never shows fewer visits than those that put it there, whenever its counters come',
  async (period) => {
    for (const ms of [1, 2]) await show(idAt(ms))
    const items = [
      { videoId: idAt(1), visits: 4 },
      { videoId: idAt(2), visits: 3 },
    ]
    await popular.put({ period, version: 1, items })
    const shown = async () => (await readChecked(service.popular({ period, limit: 10 }))).items
    expect((await shown()).map((card) => card.counters)).toEqual([
      { likes: 0, comments: 0, visits: 4 },
      { likes: 0, comments: 0, visits: 3 },
    ])
    await count(idAt(2), 5, 1, 2)
    expect((await shown())[1]?.counters).toEqual({ likes: 5, comments: 0, visits: 3 })
  },
)

test('the visits in the ranking of all times are those that it was made of, so its cards are in their order', async () => {
  for (const ms of [1, 2]) await show(idAt(ms))
  const items = [idAt(1), idAt(2)].map((videoId, index) => ({ videoId, visits: 4 - index }))
  await popular.put({ period: 'all', version: 1, items })
  await count(idAt(2), 0, 9, 8)
  const visits = async () =>
    (await readChecked(service.popular({ period: 'all', limit: 10 }))).items.map((card) => card.counters.visits)
  expect(await visits()).toEqual([4, 3])
  await popular.put({ period: 'all', version: 2, items: items.toReversed().map((item) => ({ ...item, visits: 8 })) })
  expect(await visits()).toEqual([8, 8])
})

test('before the first ranking there is an empty page', async () => {
  expect(await readPopular({ limit: 5 })).toEqual({ items: [], nextCursor: null })
})

test('the videos of those one follows come newest first, and no others', async () => {
  await show(idAt(1), 7)
  await show(idAt(2), 8)
  await show(idAt(3), 7)
  await follow(7, 1)
  expect(ids((await readFollowing({ limit: 10 })).items)).toEqual([idAt(3), idAt(1)])
  await follow(8, 1)
  expect(await readToEnd((cursor) => readFollowing({ ...cursor, limit: 1 }))).toEqual([3, 2, 1].map((ms) => idAt(ms)))
  await hide(idAt(3))
  expect(ids((await readFollowing({ limit: 10 })).items)).toEqual([idAt(2), idAt(1)])
})

test('a follow and its end count in the order of their versions, in whatever order they come', async () => {
  await show(idAt(1), 7)
  await unfollow(7, 2)
  await follow(7, 1)
  expect((await readFollowing({ limit: 10 })).items).toEqual([])
  await follow(7, 3)
  expect((await readFollowing({ limit: 10 })).items).toHaveLength(1)
})

test('a rebuild brings counters, rankings and follows in, and ends follows that are no longer there', async () => {
  await show(idAt(1), 7)
  await show(idAt(2), 8)
  await follow(8, 4)
  const supplements = new SupplementService({
    counters,
    popular,
    following,
    sources: {
      walkCounters: async () => ({ items: [{ id: idAt(1), version: 9, likes: 2, comments: 1, visits: 7 }] }),
      getRanking: async ({ period }) => ({ period, version: 3, at: '', items: [{ videoId: idAt(2), visits: 1 }] }),
      walkFollows: async () => ({ items: [{ followerId: 1, followeeId: 7, version: 1 }] }),
    },
  })
  await supplements.rebuild()
  const { items } = await readFollowing({ limit: 10 })
  expect(items).toMatchObject([{ id: idAt(1), counters: { likes: 2, comments: 1, visits: 7 } }])
  expect(ids((await readPopular({ limit: 10 })).items)).toEqual([idAt(2)])
})
