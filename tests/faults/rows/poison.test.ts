import { setTimeout as delay } from 'node:timers/promises'
import type { V1Video } from '@fanone/contracts/gateway'
import { expect, test } from 'vitest'
import { newMember, publish } from '../../support/community.ts'
import { announceSeed, scaled, seed } from '../../support/sampling.ts'
import { eventually, metrics, sumMetric } from '../../support/stack.ts'
import { commitUpdates, editsOf, interleave, newEventId, type OutboxEvent } from '../ledger/committed-events.ts'
import { reportFigures } from '../ledger/figures.ts'
import { endOfTopics, type Message, partitionLag, produceRaw, readTopics } from '../ledger/kafka.ts'
import { awaitQuiescence } from '../ledger/quiescence.ts'
import { seededRandom } from '../ledger/random.ts'
import { withRedis } from '../ledger/stores.ts'
import { checkReadModel, readRows } from '../ledger/workloads/videos-check.ts'

const feedPort = 7130
const eventCount = scaled({ quick: 600, full: 10_000 })
const poisonCount = eventCount / 100
const videoCount = scaled({ quick: 10, full: 20 })

const isNoJson = (index: number) => index % 3 === 0
const isUnknownVersion = (index: number) => index % 3 === 1
/** Poison that is tried again holds its partition up for minutes; a busy machine for seconds. */
const standstillMs = scaled({ quick: 30_000, full: 10_000 })

test('R11: poison between many events ends among the dead letters with the reason, the others are applied, and no partition stands still', async () => {
  announceSeed('R11')
  const random = seededRandom(seed)
  const member = await newMember()
  const videos: V1Video[] = []
  for (let count = 0; count < videoCount; count++) videos.push(await publish(member))
  await awaitQuiescence()
  const from = await endOfTopics()
  const handledBefore = await handled()

  const good = interleave(videos.map((video) => editsOf(video, (eventCount - poisonCount) / videoCount)))
  const poison = Array.from({ length: poisonCount }, (_, index) => index)
  const throwing = poison
    .filter((index) => !isNoJson(index) && !isUnknownVersion(index))
    .map(() => aboutBrokenCard(random.pick(videos)))
  const unknown = poison.filter(isUnknownVersion).map(() => ofUnknownVersion(random.pick(videos)))
  const noJson = poison.filter(isNoJson).map((index) => ({ key: String(index), value: `{"poison ${index} of ${seed}` }))

  await withRedis((redis) =>
    Promise.all(throwing.map(({ aggregateId }) => redis.rpush(cardKey(aggregateId), 'no card'))),
  )
  const watching = watchStandstill('feed', 'video.updated')
  await produceRaw('video.updated', noJson)
  await commitUpdates(mixIn(good, [...throwing, ...unknown], random))
  await awaitQuiescence()
  const longestStandstillMs = await watching.stop()
  await awaitQuiescence() // the dead letters, which came last
  await withRedis((redis) => redis.del(...throwing.map(({ aggregateId }) => cardKey(aggregateId))))

  const letters = (await readTopics(from, (topic) => topic === 'feed.dead-letters')).flatMap(explained)
  const rows = await readRows([member.user.id])
  const violations = await checkReadModel(rows)
  reportFigures({
    row: 'R11',
    what: 'poison: no JSON, unknown version, handler throws',
    seed,
    rounds: 1,
    ...{ acknowledged: good.length, unknown: 0, refused: poisonCount, lost: violations.length, duplicates: 0 },
    otherViolations: 0,
    recoveries: [],
    measured: {
      'dead letters with a reason': letters.length,
      'longest standstill of a partition (ms)': longestStandstillMs,
    },
  })
  expect(violations).toEqual([])
  expect((await handled()) - handledBefore, 'events applied').toBe(good.length)
  const dead = (reason: RegExp) => letters.filter((letter) => reason.test(letter.reason)).map(({ content }) => content)
  expect(dead(/^not JSON/).toSorted()).toEqual(noJson.map(({ value }) => value).toSorted())
  expect(dead(/expected video\.updated\.v1, got video\.updated\.v99/).toSorted()).toEqual(idsOf(unknown))
  expect(dead(/WRONGTYPE/).toSorted()).toEqual(idsOf(throwing))
  expect(letters).toHaveLength(poisonCount)
  expect(longestStandstillMs).toBeLessThan(standstillMs)
}, 600_000)

const cardKey = (id: number) => `feed:card:${id}`
const idsOf = (events: OutboxEvent[]) => events.map(({ id }) => String(id)).toSorted()

/** A right event that the feed cannot apply, because what it has stored is broken. */
function aboutBrokenCard(video: V1Video): OutboxEvent {
  const id = newEventId()
  const [event] = editsOf({ ...video, id }, 1) as [OutboxEvent]
  return event
}

function ofUnknownVersion(video: V1Video): OutboxEvent {
  return { id: newEventId(), type: 'video.updated.v99', aggregateId: video.id, data: { videoId: video.id } }
}

/** Inserts events at seeded places, keeping the order of the others. */
function mixIn(events: OutboxEvent[], some: OutboxEvent[], random: { below(limit: number): number }): OutboxEvent[] {
  const mixed = [...events]
  for (const event of some) mixed.splice(random.below(mixed.length), 0, event)
  return mixed
}

/** Dead letters with a reason; the sidecar first adds them without one. */
function explained({ value }: Message): { reason: string; content: string }[] {
  try {
    const letter = JSON.parse(value) as { id: string; deadletterreason?: string; data_base64?: string }
    if (letter.deadletterreason === undefined) return []
    const content = letter.data_base64 ? Buffer.from(letter.data_base64, 'base64').toString() : letter.id
    return [{ reason: letter.deadletterreason, content }]
  } catch {
    return []
  }
}

async function handled(): Promise<number> {
  const labels = { topic: 'video.updated', outcome: 'handled' }
  return sumMetric(await metrics(feedPort), 'fanone_events_consumed_total', labels)
}

/** Looks how long any partition had something to handle and got nowhere. */
function watchStandstill(group: string, topic: string) {
  let isWatching = true
  let longestMs = 0
  const watching = (async () => {
    const before = new Map<number, { lag: number; movedAt: number }>()
    while (isWatching) {
      const lags = await eventually(() => partitionLag(group, topic), { timeoutMs: 60_000 })
      for (const [partition, lag] of lags.entries()) {
        const last = before.get(partition)
        const movedAt = last && last.lag === lag && lag > 0 ? last.movedAt : performance.now()
        before.set(partition, { lag, movedAt })
        longestMs = Math.max(longestMs, performance.now() - movedAt)
      }
      await delay(200)
    }
  })()
  return {
    async stop() {
      isWatching = false
      await watching
      return Math.round(longestMs)
    },
  }
}
