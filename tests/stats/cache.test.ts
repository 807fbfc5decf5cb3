import { expect, test } from 'vitest'
import { withRedis } from '../faults/ledger/stores.ts'
import { eventually } from '../support/stack.ts'
import { countStatements } from '../support/statements.ts'
import { countersOf, likeMessage, newId, produce, storedLikes } from './stats-parts.ts'

const key = (id: number) => `stats:counters:video:${id}`
const readsOfContent = 'select%from `content_counter` where `kind`%'
const ask = (id: number, times: number) => Promise.all(Array.from({ length: times }, () => countersOf([id])))

async function countedVideo(): Promise<number> {
  const contentId = newId()
  await produce([likeMessage({ contentId, userId: newId(), authorId: newId() })])
  await eventually(async () => (await countersOf([contentId]))[0]?.likes === 1)
  return contentId
}

test('a thousand requests at once for a cold counter cause one query', async () => {
  const id = await countedVideo()
  await withRedis((redis) => redis.del(key(id)))
  let answers: Awaited<ReturnType<typeof ask>> = []
  const statements = await countStatements(`${readsOfContent}${id}%`, async () => {
    answers = await ask(id, 1_000)
  })
  expect(answers.flat()).toEqual(Array.from({ length: 1_000 }, () => ({ likes: 1, comments: 0, visits: 0 })))
  expect(statements).toBe(1)
})

test('a thousand requests for an id that does not exist cause one query at most, also when they come later', async () => {
  const id = newId()
  const statements = await countStatements(`${readsOfContent}${id}%`, async () => {
    await ask(id, 500)
    await ask(id, 500)
  })
  expect(statements).toBe(1)
})

test('what is in the cache is answered without a query, and what changes shows after the event', async () => {
  const id = await countedVideo()
  await countersOf([id])
  const statements = await countStatements(`${readsOfContent}${id})%`, () => ask(id, 100))
  expect(statements).toBe(0)
  await produce([likeMessage({ contentId: id, userId: newId(), authorId: newId() })])
  await eventually(async () => (await countersOf([id]))[0]?.likes === 2)
})

test('counters that were read at once are not forgotten at once', async () => {
  const ids = Array.from({ length: 50 }, newId)
  await countersOf(ids)
  const secondsLeft = await withRedis((redis) => Promise.all(ids.map((id) => redis.ttl(key(id)))))
  expect(Math.min(...secondsLeft)).toBeGreaterThan(0)
  expect(Math.max(...secondsLeft) - Math.min(...secondsLeft)).toBeGreaterThan(10)
})

test('an old value that is read late does not cover a newer one', async () => {
  const id = await countedVideo()
  await withRedis((redis) => redis.set(key(id), '9 [7,0,0]'))
  await produce([likeMessage({ contentId: id, userId: newId(), authorId: newId() })])
  // What nobody asks for is brought there by the emission alone, after what has changed before it.
  const later = newId()
  await eventually(async () => (await storedLikes([id])).get(id) === 2)
  await produce([likeMessage({ contentId: later, userId: newId(), authorId: newId() })])
  await eventually(() => withRedis((redis) => redis.exists(key(later))))
  expect(await withRedis((redis) => redis.get(key(id)))).toBe('9 [7,0,0]')
})
