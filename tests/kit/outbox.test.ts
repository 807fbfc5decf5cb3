import { setTimeout as delay } from 'node:timers/promises'
import { defineEvent } from '@fanone/contracts'
import { addToOutbox, type Database, Publisher } from '@fanone/service-kit'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'
import { OutboxRelay } from '../../packages/service-kit/src/database/relay.ts'
import { readTopics } from '../faults/ledger/kafka.ts'
import { scratchDatabase, silentLog } from '../support/scratch-database.ts'
import { scratchSidecar } from '../support/scratch-sidecar.ts'

// A relay of this process on an outbox of its own, through a sidecar of its own to the stack's
// Kafka.

let scratch: Awaited<ReturnType<typeof scratchDatabase>>
let database: Database
let own: Awaited<ReturnType<typeof scratchSidecar>>
beforeAll(async () => {
  scratch = await scratchDatabase()
  database = await scratch.open()
  own = await scratchSidecar()
})
afterAll(async () => {
  await own.stop()
  await scratch.drop()
})

/** Topics of one run: what earlier runs sent is not read again. */
const run = Date.now()
const topics = [`test.${run}.made`, `test.${run}.changed`]

interface Made {
  topic: string
  aggregateId: number | string | null
  data: object
}

async function commit(events: Made[]): Promise<void> {
  for (let from = 0; from < events.length; from += 500) {
    const values = events
      .slice(from, from + 500)
      .flatMap(({ topic, aggregateId, data }, index) => [
        from + index + 1,
        topic,
        `${topic}.v1`,
        aggregateId,
        JSON.stringify(data),
        '2026-01-31 12:00:00.123',
      ])
    const places = Array.from({ length: values.length / 6 }, () => '(?,?,?,?,?,?)').join()
    const columns = 'id, topic, type, aggregate_id, data, created_at'
    await database.em().execute(`insert into outbox (${columns}) values ${places}`, values)
  }
}

/** Publishes what is there, as a service does when it stops. @returns how many events are left */
async function publishAll(timeoutMs: number): Promise<number> {
  const relay = new OutboxRelay({
    database,
    publisher: new Publisher(own.dapr),
    log: silentLog,
    appId: 'test',
  })
  relay.start()
  await relay.stop(timeoutMs)
  const [row] = await database.em().execute<{ n: number }[]>('select count(*) as n from outbox')
  return Number(row?.n)
}

test('thousands of events of two topics that take turns arrive, once each, those of one aggregate in their order', async () => {
  const events = Array.from({ length: 3_000 }, (_, index) => ({
    topic: topics[index % 2] as string,
    aggregateId: `${Math.floor(index / 3) % 20}:video`,
    data: { number: index, text: 'Pässe "quoted" 🚲' },
  }))
  await commit(events)
  expect(await publishAll(50_000)).toBe(0)
  for (const topic of topics) {
    const sent = events.filter((event) => event.topic === topic)
    const received = await readTopic(topic)
    expect(received).toHaveLength(sent.length)
    for (const aggregateId of new Set(sent.map((event) => event.aggregateId))) {
      const ofAggregate = received.filter(({ subject }) => subject === aggregateId)
      expect(ofAggregate.map(({ data }) => data)).toEqual(
        sent.filter((event) => event.aggregateId === aggregateId).map(({ data }) => data),
      )
    }
  }
})

test('events that are together larger than what a sidecar takes at once are published all the same', async () => {
  const text = '🚲'.repeat(2_500)
  await commit(
    Array.from({ length: 600 }, (_, number) => ({
      topic: topics[0] as string,
      aggregateId: 1,
      data: { number, text },
    })),
  )
  expect(await publishAll(50_000)).toBe(0)
})

test('what the version before writes while an outbox is migrated, and after it, is published in its order', async () => {
  const topic = `test.${run}.migrated`
  await database.em().execute('alter table outbox modify aggregate_id bigint unsigned not null')
  await database.em().execute("delete from mikro_orm_migrations where name = 'OutboxAggregates20261127'")
  const video = 2 ** 53 - 1
  const before = { topic, aggregateId: video, data: { number: 1 } }
  await commit([before])
  await scratch.open()
  await commit([
    { ...before, data: { number: 2 } },
    { topic, aggregateId: String(video), data: { number: 3 } },
    { topic, aggregateId: null, data: { number: 4 } },
  ])
  expect(await publishAll(50_000)).toBe(0)
  const received = await readTopic(topic)
  const ofVideo = received.filter(({ subject }) => subject === String(video))
  expect(ofVideo.map(({ data }) => data)).toEqual([{ number: 1 }, { number: 2 }, { number: 3 }])
  expect(received.filter(({ subject }) => subject === undefined).map(({ data }) => data)).toEqual([{ number: 4 }])
})

test('what was sent before a failure is not sent with every further try', async () => {
  const refused = 'not a topic: Kafka knows no spaces'
  await commit(
    [topics[1] as string, refused, topics[1] as string].map((topic, number) => ({
      topic,
      aggregateId: 2,
      data: { number },
    })),
  )
  expect(await publishAll(1)).toBeGreaterThan(0)
  await expect
    .poll(() => database.em().execute('select topic from outbox order by seq'), { timeout: 30_000 })
    .toEqual([{ topic: refused }, { topic: topics[1] }])
  await database.em().execute('delete from outbox')
})

describe('a relay that runs', () => {
  const noted = defineEvent(`test.${run}.noted`, 1, z.object({ number: z.int() }), { orderedBy: 'nothing' })
  const note = async (number: number) => {
    await database.transaction(async (em) => addToOutbox(database, em, noted, { number }))
    return performance.now()
  }

  /** Starts a relay whose requests are written down. */
  function startRelay() {
    const requests: { at: number; events: number }[] = []
    const publisher = new Publisher(own.dapr)
    const relay = new OutboxRelay({
      database,
      log: silentLog,
      appId: 'test',
      publisher: {
        publishBatch: async (topic, entries) => {
          requests.push({ at: performance.now(), events: JSON.parse(entries).length })
          await publisher.publishBatch(topic, entries)
        },
      },
    })
    relay.start()
    onTestFinished(() => relay.stop())
    return { relay, requests, sent: () => requests.reduce((sum, { events }) => sum + events, 0) }
  }

  test('publishes an event that comes alone at once', async () => {
    const { requests } = startRelay()
    const waited: number[] = []
    for (let number = 1; number <= 20; number++) {
      const committedAt = await note(number)
      await vi.waitUntil(() => requests.length === number, { timeout: 10_000, interval: 1 })
      waited.push((requests.at(-1)?.at ?? 0) - committedAt)
      await delay(50)
    }
    expect(Math.min(...waited)).toBeLessThan(20)
    expect(requests.every(({ events }) => events === 1)).toBe(true)
  })

  test('lets events that come one after another travel together, all of them', async () => {
    const { relay, requests, sent } = startRelay()
    const startedAt = performance.now()
    for (let number = 0; number < 200; number++) {
      await note(number)
      await delay(2)
    }
    await relay.stop(10_000)
    expect(sent()).toBe(200)
    expect(requests.length).toBeLessThan((performance.now() - startedAt) / 24 + 2)
  })

  test('publishes what it was not told of, and what comes while it publishes', async () => {
    const { sent } = startRelay()
    await commit([{ topic: noted.topic, aggregateId: null, data: { number: 1 } }])
    await vi.waitUntil(() => sent() === 1, { timeout: 10_000 })
    await Promise.all(Array.from({ length: 50 }, (_, number) => note(number)))
    await vi.waitUntil(() => sent() === 51, { timeout: 10_000 })
  })
})

/** What a topic holds, partition by partition. */
async function readTopic(topic: string): Promise<{ subject?: string; data: object }[]> {
  const messages = await readTopics(new Map(), (name) => name === topic)
  return messages.map(({ value }) => JSON.parse(value))
}
