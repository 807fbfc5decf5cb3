import type { Video } from '@fanone/contracts'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { AuthorRepository } from '../author/author.repository.ts'
import { AuthorService, toAuthor } from '../author/author.service.ts'
import { keys } from '../redis/feed-redis.ts'
import { exampleEvent, exampleProfile, exampleVideo, idAt } from '../testing/examples.ts'
import { silentLog, startRedis, type TestRedis } from '../testing/redis.ts'
import { changeFromVideo, removal } from '../timeline/card.ts'
import { TimelineRepository } from '../timeline/timeline.repository.ts'
import { RebuildRepository } from './rebuild.repository.ts'
import { RebuildService } from './rebuild.service.ts'

let server: TestRedis
let timelines: TimelineRepository
let authors: AuthorRepository
/** What the video service would answer from. */
let catalogue: Video[]

beforeAll(async () => {
  server = await startRedis()
  timelines = new TimelineRepository(server.redis)
  authors = new AuthorRepository(server.redis)
})
afterAll(() => server[Symbol.asyncDispose]())
beforeEach(async () => {
  await server.redis.flushall()
  catalogue = []
})

/** One instance's rebuild; `afterWalk` happens after each look at the catalogue. */
function rebuilds(options: { afterWalk?: () => Promise<unknown>; name?: string } = {}): RebuildService {
  const name = options.name ?? 'Author'
  return new RebuildService({
    rebuilds: new RebuildRepository(server.redis),
    timelines,
    authors: new AuthorService({
      authors,
      getProfiles: async ({ ids }) => ({ items: ids.map((id) => exampleProfile(id, { name })) }),
      log: silentLog,
    }),
    supplements: { rebuild: async () => {} },
    walk: async ({ afterId, limit }) => {
      const items = catalogue.filter(({ id }) => id > afterId).slice(0, limit)
      await options.afterWalk?.()
      return { items }
    },
    log: silentLog,
  })
}

const show = (video: Video) => timelines.applyOnce(exampleEvent(), changeFromVideo(video))
const videos = (count: number) => Array.from({ length: count }, (_, i) => exampleVideo(idAt(i + 1)))
const shownIds = () => timelines.idsAfter(0, 10_000)
const firstCard = async () => {
  const page = await timelines.readPage({ order: 'newestFirst', from: '+inf', to: '-inf', limit: 1 })
  return JSON.parse(page?.cards ?? '[]')[0]
}

test('an emptied Redis is filled over several pages, and declared complete', async () => {
  catalogue = videos(650)
  expect(await rebuilds().rebuild()).toBe(650)
  expect(await shownIds()).toEqual(catalogue.map(({ id }) => id))
  expect(await firstCard()).toMatchObject({ id: idAt(650), author: { name: 'Author' } })
})

test('an empty catalogue makes timelines that are empty and complete', async () => {
  expect(await rebuilds().rebuild()).toBe(0)
  expect(await timelines.readPage({ order: 'newestFirst', from: '+inf', to: '-inf', limit: 1 })).toMatchObject({
    cards: '[]',
  })
})

test('what the catalogue no longer has disappears, wherever it stands', async () => {
  const all = videos(650)
  for (const video of all) await show(video)
  for (const remaining of [all.slice(220, 230), all.slice(0, 200), all.filter((_, i) => i % 7 === 0)]) {
    await server.redis.flushall()
    for (const video of all) await show(video)
    catalogue = remaining
    await rebuilds().rebuild()
    expect(await shownIds()).toEqual(remaining.map(({ id }) => id))
  }
})

test('what the timeline lacks is added between what it has', async () => {
  catalogue = videos(650)
  for (const video of catalogue.filter((_, i) => i % 7 === 0)) await show(video)
  await rebuilds().rebuild()
  expect(await shownIds()).toEqual(catalogue.map(({ id }) => id))
})

test('what disappeared does not come back by a late event', async () => {
  await show(exampleVideo(idAt(1)))
  await rebuilds().rebuild()
  await show(exampleVideo(idAt(1), { version: 2 }))
  expect(await shownIds()).toEqual([])
})

test('a video published behind the rebuild stays, although its page of the catalogue lacks it', async () => {
  catalogue = videos(3).filter(({ id }) => id !== idAt(2))
  await rebuilds({ afterWalk: () => show(exampleVideo(idAt(2))) }).rebuild()
  expect(await shownIds()).toEqual([idAt(1), idAt(2), idAt(3)])
})

test('a video deleted behind the rebuild stays deleted, although its page of the catalogue has it', async () => {
  catalogue = videos(3)
  await rebuilds({ afterWalk: () => timelines.applyOnce(exampleEvent(), removal(idAt(2), 2)) }).rebuild()
  expect(await shownIds()).toEqual([idAt(1), idAt(3)])
})

test('a video edited behind the rebuild keeps the edit', async () => {
  catalogue = videos(1)
  await rebuilds({ afterWalk: () => show(exampleVideo(idAt(1), { version: 2, title: 'edited' })) }).rebuild()
  expect(await firstCard()).toMatchObject({ title: 'edited' })
})

test('it repairs a damaged card and a stale author', async () => {
  catalogue = videos(1)
  await authors.applyOnce(exampleEvent(), toAuthor(exampleProfile(7, { name: 'Stale' })), 4)
  await show(exampleVideo(idAt(1), { title: 'damaged' }))
  await server.redis.del(keys.newest)
  await rebuilds({ name: 'Right' }).rebuild()
  expect(await firstCard()).toMatchObject({ title: `video ${idAt(1)}`, author: { name: 'Right' } })
  await authors.applyOnce(exampleEvent(), toAuthor(exampleProfile(7, { name: 'Next' })), 5)
  expect(await firstCard()).toMatchObject({ author: { name: 'Next' } })
})

test('one rebuild at a time: another waits for it and answers the same', async () => {
  catalogue = videos(450)
  let walks = 0
  const afterWalk = async () => walks++
  const answers = await Promise.all([1, 2, 3].map(() => rebuilds({ afterWalk }).rebuild()))
  expect(answers).toEqual([450, 450, 450])
  expect(walks).toBe(3)
})

test('a Redis that is emptied during a rebuild is not declared complete', async () => {
  catalogue = videos(450)
  let walks = 0
  const afterWalk = async () => (++walks === 2 ? server.redis.flushall() : undefined)
  await expect(rebuilds({ afterWalk }).rebuild()).rejects.toMatchObject({ code: 'unavailable' })
  expect(await server.redis.exists(keys.built)).toBe(0)
  expect(await rebuilds().rebuild()).toBe(450)
})

test('a rebuild that fails frees the lock', async () => {
  const failing = rebuilds({ afterWalk: () => Promise.reject(new Error('the catalogue is away')) })
  await expect(failing.rebuild()).rejects.toThrow('away')
  expect(await rebuilds().tryRebuild()).toBe(true)
})
