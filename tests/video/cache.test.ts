import { randomInt } from 'node:crypto'
import { videoDeleted, videoPublished, videoUpdated } from '@fanone/contracts'
import { beforeAll, expect, test } from 'vitest'
import { commitUpdates, editsOf, factsOf } from '../faults/ledger/committed-events.ts'
import { queryMysql, withRedis } from '../faults/ledger/stores.ts'
import { cardsOf } from '../support/cards.ts'
import { type Member, newMember, publish } from '../support/community.ts'
import { freeze, publishRaw } from '../support/faults.ts'
import { eventually, healthy, kill9, metrics, sumMetric } from '../support/stack.ts'
import { countStatements } from '../support/statements.ts'

const videoPort = 7120
const key = (id: number) => `video:videos:${id}`
const readsOf = (id: number) => `select %from \`video\`%${id}%`
const forget = (id: number) => withRedis((redis) => redis.del(key(id)))
const stored = (id: number) => withRedis((redis) => redis.get(key(id)))

let author: Member
beforeAll(async () => {
  author = await newMember()
})

const titlesOf = async (id: number) => (await cardsOf([id])).map(({ title }) => title)
const ask = (id: number, times: number) => Promise.all(Array.from({ length: times }, () => titlesOf(id)))

/** How many of these events the service has handled since it started. */
async function handled(topic: string): Promise<number> {
  return sumMetric(await metrics(videoPort), 'fanone_events_consumed_total', { topic, outcome: 'handled' })
}

/**
 * A published video whose own event has been handled, so that nothing of it is under way any more.
 */
async function settledVideo() {
  const before = await handled(videoPublished.topic)
  const published = await publish(author)
  await eventually(async () => (await handled(videoPublished.topic)) > before)
  return published
}

test('a thousand requests at once for a cold card cause one query', async () => {
  const { id, title } = await settledVideo()
  await forget(id)
  let answers: string[][] = []
  const statements = await countStatements(readsOf(id), async () => {
    answers = await ask(id, 1_000)
  })
  expect(answers.flat()).toEqual(Array.from({ length: 1_000 }, () => title))
  expect(statements).toBe(1)
})

test('a thousand requests for an id that does not exist cause one query at most, also when they come later', async () => {
  const id = randomInt(2 ** 47)
  const statements = await countStatements(readsOf(id), async () => {
    expect((await ask(id, 500)).flat()).toEqual([])
    await ask(id, 500)
  })
  expect(statements).toBe(1)
  expect(await stored(id)).toBe('0 ')
})

test('what was published is answered without a query, and what its author changes is seen at once, without its event', async () => {
  const { id } = await settledVideo()
  await titlesOf(id)
  const statements = await countStatements(readsOf(id), () => ask(id, 100))
  expect(statements).toBe(0)
  const thaw = await freeze('kafka')
  for (const title of ['first edit', 'second edit', 'third edit']) {
    await author.api.videos.edit({ id, title })
    expect(await titlesOf(id)).toEqual([title])
    expect((await author.api.videos.get({ id })).title).toBe(title)
  }
  thaw()
})

test('what is deleted is gone at once, without its event, and remembered as gone', async () => {
  const { id } = await settledVideo()
  const [before] = await cardsOf([id])
  const thaw = await freeze('kafka')
  await author.api.videos.delete({ id })
  expect(await cardsOf([id])).toEqual([])
  await author.api.videos.get({ id }).then(
    () => expect.unreachable(),
    (error) => expect(error).toMatchObject({ code: 'video_not_found' }),
  )
  expect(await stored(id)).toBe(`${(before?.version ?? 0) + 1} `)
  thaw()
})

test('a change whose writer was killed before it wrote the cache is seen after the event', async () => {
  const published = await settledVideo()
  const { id } = published
  expect(await titlesOf(id)).toEqual([published.title])
  const [edit] = editsOf(published, 1)
  await commitUpdates([edit as NonNullable<typeof edit>])
  await eventually(async () => (await titlesOf(id)).join() === `edit 2 of ${id}`)
})

test('a deletion whose writer was killed before it wrote the cache is seen after the event', async () => {
  const { id } = await settledVideo()
  // The row as the service leaves it, without what follows the commit.
  await queryMysql('update video.video set deleted_at = now(3), version = 2 where id = ?', [id])
  expect(await cardsOf([id])).toHaveLength(1)
  const data = { videoId: id, authorId: author.user.id, version: 2, deletedAt: new Date().toISOString() }
  await publishRaw(videoDeleted.topic, [{ type: videoDeleted.type, aggregateId: id, data }])
  await eventually(async () => (await cardsOf([id])).length === 0)
})

test('a publication whose writer was killed is seen after the event, although somebody had asked for its id', async () => {
  const published = await settledVideo()
  const { id } = published
  await withRedis((redis) => redis.set(key(id), '0 ', 'EX', 60))
  expect(await cardsOf([id])).toEqual([])
  const data = factsOf(published, { version: 1, title: published.title })
  await publishRaw(videoPublished.topic, [{ type: videoPublished.type, aggregateId: id, data }])
  await eventually(async () => (await titlesOf(id)).join() === published.title)
})

test('an old value that is read late does not cover a newer one', async () => {
  const published = await settledVideo()
  const { id } = published
  const [before] = await cardsOf([id])
  const newer = `9 ${JSON.stringify({ ...before, version: 9, title: 'newer' })}`
  await withRedis((redis) => redis.set(key(id), newer, 'EX', 60))
  // The event tells of a still newer version, so the row is read, and the row is old.
  const handledBefore = await handled(videoUpdated.topic)
  const data = factsOf(published, { version: 10, title: 'of an event' })
  await publishRaw(videoUpdated.topic, [{ type: videoUpdated.type, aggregateId: id, data }])
  await eventually(async () => (await handled(videoUpdated.topic)) > handledBefore)
  expect(await stored(id)).toBe(newer)
  expect(await titlesOf(id)).toEqual(['newer'])
})

test('videos that were read at once are not forgotten at once', async () => {
  const ids = Array.from({ length: 50 }, () => randomInt(2 ** 47))
  await cardsOf(ids)
  const secondsLeft = await withRedis((redis) => Promise.all(ids.map((id) => redis.ttl(key(id)))))
  expect(Math.min(...secondsLeft)).toBeGreaterThan(0)
  expect(Math.max(...secondsLeft) - Math.min(...secondsLeft)).toBeGreaterThan(10)
})

test('while Redis is away videos are answered, and a change is seen at once by who made it', async () => {
  const { id, title } = await settledVideo()
  const pid = await kill9('redis')
  expect(await titlesOf(id)).toEqual([title])
  await author.api.videos.edit({ id, title: 'edited without Redis' })
  expect(await titlesOf(id)).toEqual(['edited without Redis'])
  await healthy('redis', { not: pid })
  // Redis has the older one in its file; the event, which waits for Redis, brings the newer one.
  await eventually(async () => (await stored(id))?.startsWith('2 '), { timeoutMs: 30_000 })
  expect(await titlesOf(id)).toEqual(['edited without Redis'])
})
