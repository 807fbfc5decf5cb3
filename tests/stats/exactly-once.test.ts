import { expect, test } from 'vitest'
import { produceRaw } from '../faults/ledger/kafka.ts'
import { seededRandom } from '../faults/ledger/random.ts'
import { announceSeed, drawn, scaled, seed } from '../support/sampling.ts'
import { cli, eventually, healthy, kill9 } from '../support/stack.ts'
import { countersOf, likeMessage, newId, outcomes, produce, storedLikes } from './stats-parts.ts'

const likesOf = async (ids: number[]) => (await countersOf(ids)).map(({ likes }) => likes)

/** Likes of some videos, some of them taken back, and what that comes to. */
function someLikes(count: number) {
  const random = seededRandom(seed)
  const ids = Array.from({ length: 20 }, newId)
  const authorId = newId()
  const expected = new Map(ids.map((id) => [id, 0]))
  const messages = Array.from({ length: count }, () => {
    const contentId = random.pick(ids)
    // None is taken back that was not given: counters are not shown below zero.
    const isLiked = random.below(4) > 0 || expected.get(contentId) === 0
    expected.set(contentId, (expected.get(contentId) ?? 0) + (isLiked ? 1 : -1))
    return likeMessage({ contentId, userId: newId(), authorId }, isLiked)
  })
  return { ids, messages, expected: ids.map((id) => expected.get(id) ?? 0) }
}

test('R4: a whole topic that is delivered twice more changes no counter, and the inbox refuses every event', async () => {
  announceSeed('R4')
  const { ids, messages, expected } = someLikes(scaled({ quick: 2_000, full: 50_000 }))
  const duplicates = async () =>
    (await outcomes('content.liked', 'duplicate')) + (await outcomes('content.unliked', 'duplicate'))
  const before = await duplicates()
  await produce(messages)
  await eventually(async () => expect(await likesOf(ids)).toEqual(expected) ?? true, { timeoutMs: 120_000 })
  await produce(messages)
  await produce(messages.toReversed())
  await eventually(async () => (await duplicates()) - before >= 2 * messages.length, { timeoutMs: 120_000 })
  expect(await likesOf(ids)).toEqual(expected)
}, 300_000)

test('a like whose end comes first shows as none, and then as what it is', async () => {
  const like = { contentId: newId(), userId: newId(), authorId: newId() }
  await produce([likeMessage(like, false)])
  await eventually(async () => (await storedLikes([like.contentId])).get(like.contentId) === -1)
  expect(await likesOf([like.contentId])).toEqual([0])
  await produce([likeMessage(like), likeMessage(like)])
  await eventually(async () => (await likesOf([like.contentId]))[0] === 1)
})

test('likes and their ends come to the same in whatever order they come', async () => {
  announceSeed('order')
  const random = seededRandom(seed)
  const { ids, messages, expected } = someLikes(600)
  const shuffled = random.shuffle(messages)
  for (let from = 0; from < shuffled.length; from += 100) await produce(shuffled.slice(from, from + 100))
  await eventually(async () => expect(await likesOf(ids)).toEqual(expected) ?? true, { timeoutMs: 60_000 })
})

test('R9: whenever stats is killed, its cache shows what MySQL has soon after it is back', async () => {
  const { ids, messages, expected } = someLikes(600)
  await likesOf(ids)
  const third = messages.length / 3
  const starts = [0, third, 2 * third]
  const killed = drawn(starts, 1)
  for (const from of starts) {
    await produce(messages.slice(from, from + third))
    if (!killed.includes(from)) continue
    await eventually(async () => (await storedLikes(ids)).size > 0)
    const pid = await kill9('stats')
    await healthy('stats', { not: pid })
  }
  await eventually(async () => expect(await likesOf(ids)).toEqual(expected) ?? true, { timeoutMs: 60_000 })
  const stored = await storedLikes(ids)
  expect(ids.map((id) => stored.get(id) ?? 0)).toEqual(expected)
}, 180_000)

test('R11: poison among likes goes to the dead letters with its reason and holds up nobody, and can be replayed', async () => {
  const { ids, messages, expected } = someLikes(400)
  const [dead, dropped] = [await outcomes('content.liked', 'dead_lettered'), await outcomes('content.liked', 'dropped')]
  const poisonIds = [newId(), newId()]
  const poison = poisonIds.map((contentId) => {
    const message = likeMessage({ contentId, userId: newId(), authorId: newId() })
    // Fits the contract but not the table.
    return { ...message, value: message.value.replace('"source":"interaction"', `"source":"${'x'.repeat(120)}"`) }
  })
  await produceRaw('content.liked', [{ key: 'none', value: '{"half' }])
  await produce([...messages.slice(0, 200), ...poison, ...messages.slice(200)])
  await eventually(async () => expect(await likesOf(ids)).toEqual(expected) ?? true, { timeoutMs: 60_000 })
  await eventually(async () => (await outcomes('content.liked', 'dead_lettered')) - dead >= poison.length)
  // The batch that it was in may still be at work on others, and be delivered again.
  await eventually(async () => (await outcomes('content.liked', 'dropped')) - dropped >= poison.length)
  const { exitCode, all } = await cli('events:replay', 'stats')
  expect(exitCode, all).toBe(0)
  expect(all).toMatch(/stats was handed ([2-9]|\d\d+) dead letters, and did not take 0/)
  expect(await likesOf(ids)).toEqual(expected)
}, 120_000)
