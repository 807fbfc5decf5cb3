import { createReadStream, createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { Admin, ListOffsetTimestamps, Producer } from '@platformatic/kafka'
import { kafkaConnection, type Offsets, offsetsOf, readTopic } from '../stack/read-topic.ts'

/** Where topics stand, by topic. */
export type Positions = ReadonlyMap<string, Offsets>

/** Messages that travel together. */
const BATCH = 500

/** A message in the file: bytes in base64. */
interface SavedMessage {
  topic: string
  partition: number
  key: string | null
  value: string | null
  headers: [string, string][]
}

/**
 * The administrator of a broker, connected: what is asked while everybody waits has to be quick.
 */
export async function connectedAdmin(broker: string): Promise<Admin> {
  const admin = new Admin(kafkaConnection('backup', broker))
  await admin.metadata({ topics: [] })
  return admin
}

/** Where every topic ends, those of the broker itself left out. */
export async function endsOfTopics(admin: Admin): Promise<Map<string, Offsets>> {
  const topics = (await admin.listTopics()).filter((name) => !name.startsWith('_'))
  const ends = topics.map(async (topic) => [topic, await offsetsOf(admin, topic, ListOffsetTimestamps.LATEST)] as const)
  return new Map(await Promise.all(ends))
}

/**
 * What each topic's slowest consumer has handled. What none of them has handled yet is missing, and
 * so is a topic that somebody takes and nobody has begun with.
 *
 * @param consumers the topics that each consumer group takes
 */
export async function handledBy(admin: Admin, consumers: ReadonlyMap<string, readonly string[]>): Promise<Positions> {
  const known = [...(await admin.listGroups()).keys()]
  const groups = [...consumers.keys()].filter((group) => known.includes(group))
  const committed = groups.length === 0 ? [] : await admin.listConsumerGroupOffsets({ groups })
  const byGroup = new Map(committed.map(({ groupId, topics }) => [groupId, topics]))
  const positions = new Map<string, Map<number, bigint>>()
  const isMissing = new Set<string>()
  for (const [group, topics] of consumers)
    for (const topic of topics) {
      const partitions = byGroup.get(group)?.find(({ name }) => name === topic)?.partitions ?? []
      const handled = new Map(
        partitions.filter((one) => one.committedOffset >= 0n).map((one) => [one.partitionIndex, one.committedOffset]),
      )
      if (handled.size === 0) isMissing.add(topic)
      positions.set(topic, slowest(positions.get(topic), handled))
    }
  return new Map([...positions].filter(([topic]) => !isMissing.has(topic)))
}

/** Partitions that one of the two does not know are left out: nothing of them is handled. */
function slowest(one: Map<number, bigint> | undefined, other: Map<number, bigint>): Map<number, bigint> {
  if (!one) return other
  return new Map(
    [...one].flatMap(([partition, offset]) => {
      const second = other.get(partition)
      return second === undefined ? [] : [[partition, second < offset ? second : offset] as const]
    }),
  )
}

/** Writes the messages between two positions to a file. @returns how many there were */
export async function saveEvents(options: {
  broker: string
  from: Positions
  to: Positions
  file: string
}): Promise<number> {
  let count = 0
  async function* lines() {
    for (const [topic, to] of options.to)
      for await (const message of readTopic({
        broker: options.broker,
        topic,
        from: options.from.get(topic) ?? new Map(),
        to,
      })) {
        count += 1
        const saved: SavedMessage = {
          topic,
          partition: message.place.partition,
          key: message.key?.toString('base64') ?? null,
          value: message.value?.toString('base64') ?? null,
          headers: message.headers.map(([name, value]) => [name.toString('base64'), value.toString('base64')]),
        }
        yield `${JSON.stringify(saved)}\n`
      }
  }
  await pipeline(Readable.from(lines()), createGzip(), createWriteStream(options.file, { mode: 0o600 }))
  return count
}

/**
 * Puts saved messages on the topics of an empty broker, each in its partition and in their order.
 * They get the present time: with their own, Kafka might find them too old to be kept.
 */
export async function replayEvents(options: {
  broker: string
  file: string
  partitions: Readonly<Record<string, number>>
}): Promise<void> {
  const connection = kafkaConnection('restore', options.broker)
  const admin = new Admin(connection)
  const producer = new Producer({ ...connection, acks: -1 })
  try {
    for (const [topic, partitions] of Object.entries(options.partitions))
      await admin.createTopics({ topics: [topic], partitions, replicas: 1 })
    for await (const batch of batchesOf(options.file)) await producer.send({ messages: batch.map(toMessage) })
  } finally {
    await producer.close()
    await admin.close()
  }
}

async function* batchesOf(file: string): AsyncGenerator<SavedMessage[]> {
  let batch: SavedMessage[] = []
  for await (const line of createInterface({ input: createReadStream(file).pipe(createGunzip()) })) {
    batch.push(JSON.parse(line) as SavedMessage)
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

function toMessage({ topic, partition, key, value, headers }: SavedMessage) {
  const bytes = (text: string) => Buffer.from(text, 'base64')
  return {
    topic,
    partition,
    ...(key === null ? {} : { key: bytes(key) }),
    ...(value === null ? {} : { value: bytes(value) }),
    headers: new Map(headers.map(([name, content]) => [bytes(name), bytes(content)])),
  }
}
