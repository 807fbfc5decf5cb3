import { randomUUID } from 'node:crypto'
import { Admin, Consumer, type Group, ListOffsetTimestamps, Producer } from '@platformatic/kafka'
import { eventually, port } from '../../support/stack.ts'

/** How far a topic reaches, by topic: the next offset of each partition. */
export type Positions = Map<string, bigint[]>

/** One message of a topic, in the order of its partition. */
export interface Message {
  topic: string
  partition: number
  offset: bigint
  key: string
  value: string
  headers: Map<string, string>
}

const readTimeoutMs = 60_000
/** Of the groups that reading takes; not those of the services. */
const readerPrefix = 'ledger-'

const connection = () => ({
  clientId: 'ledger',
  bootstrapBrokers: [`127.0.0.1:${port(7003)}`],
  retries: 10,
  retryDelay: 300,
})

/** Runs `work` with an administrator's connection. */
async function withAdmin<Result>(work: (admin: Admin) => Promise<Result>): Promise<Result> {
  const admin = new Admin(connection())
  try {
    return await work(admin)
  } finally {
    await admin.close()
  }
}

/** Where every topic ends now, those of the broker itself left out. */
export function endOfTopics(): Promise<Positions> {
  return withAdmin(async (admin) => endsOf(admin, await topicsOf(admin)))
}

async function topicsOf(admin: Admin): Promise<string[]> {
  return (await admin.listTopics()).filter((name) => !name.startsWith('_'))
}

async function endsOf(admin: Admin, topics: string[]): Promise<Positions> {
  if (topics.length === 0) return new Map()
  const { topics: known } = await admin.metadata({ topics, forceUpdate: true })
  const asked = topics.map((name) => ({
    name,
    partitions: Array.from({ length: known.get(name)?.partitionsCount ?? 0 }, (_, partitionIndex) => ({
      partitionIndex,
      timestamp: ListOffsetTimestamps.LATEST,
    })),
  }))
  const listed = await admin.listOffsets({ topics: asked })
  return new Map(
    listed.map(({ name, partitions }) => [
      name,
      partitions.toSorted((a, b) => a.partitionIndex - b.partitionIndex).map(({ offset }) => offset),
    ]),
  )
}

/**
 * Messages that each consumer group has yet to handle. A group between two assignments (members
 * join or leave) counts as Infinity.
 */
export function consumerLag(): Promise<Map<string, number>> {
  return withAdmin(async (admin) => {
    const ids = [...(await admin.listGroups()).keys()].filter((id) => !id.startsWith(readerPrefix))
    if (ids.length === 0) return new Map()
    const ends = await endsOf(admin, await topicsOf(admin))
    const committed = new Map(
      (await admin.listConsumerGroupOffsets({ groups: ids })).map((one) => [one.groupId, one.topics]),
    )
    const groups = [...(await admin.describeGroups({ groups: ids })).values()]
    return new Map(groups.map((group) => [group.id, lagOf(group, committed.get(group.id) ?? [], ends)]))
  })
}

type Committed = { name: string; partitions: { partitionIndex: number; committedOffset: bigint }[] }[]

function lagOf(group: Group, committed: Committed, ends: Positions): number {
  if (group.state.toLowerCase() !== 'stable') return Number.POSITIVE_INFINITY
  const done = new Map(
    committed.flatMap(({ name, partitions }) =>
      partitions.map((one) => [`${name}/${one.partitionIndex}`, one.committedOffset]),
    ),
  )
  const assigned = [...group.members.values()].flatMap(({ assignments }) => [...(assignments?.values() ?? [])])
  const waiting = assigned.flatMap(({ topic, partitions }) =>
    partitions.map((partition) => {
      const end = ends.get(topic)?.[partition] ?? 0n
      const next = done.get(`${topic}/${partition}`) ?? 0n
      return Number(end - (next > 0n ? next : 0n))
    }),
  )
  return waiting.reduce((sum, count) => sum + count, 0)
}

/** Messages a group has yet to handle on one topic, by partition, as committed to the broker. */
export function partitionLag(groupId: string, topic: string): Promise<number[]> {
  return withAdmin(async (admin) => {
    const ends = (await endsOf(admin, [topic])).get(topic) ?? []
    const [group] = await admin.listConsumerGroupOffsets({ groups: [groupId] })
    const partitions = group?.topics.find(({ name }) => name === topic)?.partitions ?? []
    const next = new Map(partitions.map(({ partitionIndex, committedOffset }) => [partitionIndex, committedOffset]))
    return ends.map((end, partition) => Number(end - (next.get(partition) ?? 0n)))
  })
}

/** Puts messages on a topic as they are, around every service. */
export async function produceRaw(topic: string, messages: { key: string; value: string }[]): Promise<void> {
  const producer = new Producer(connection())
  try {
    await producer.send({
      messages: messages.map(({ key, value }) => ({ topic, key: Buffer.from(key), value: Buffer.from(value) })),
    })
  } finally {
    await producer.close()
  }
}

/** All messages on the topics since `from`; topics created later are read from their beginning. */
export async function readTopics(from: Positions, only?: (topic: string) => boolean): Promise<Message[]> {
  const ends = await endOfTopics()
  const offsets = [...ends].flatMap(([topic, partitions]) =>
    partitions.map((end, partition) => ({ topic, partition, offset: from.get(topic)?.[partition] ?? 0n, end })),
  )
  const wanted = offsets.filter(({ topic, offset, end }) => offset < end && (only?.(topic) ?? true))
  return wanted.length === 0 ? [] : readRanges(wanted)
}

async function readRanges(
  ranges: { topic: string; partition: number; offset: bigint; end: bigint }[],
): Promise<Message[]> {
  const groupId = `${readerPrefix}${randomUUID()}`
  const consumer = new Consumer({ ...connection(), groupId, autocommit: false, maxWaitTime: 200 })
  const missing = new Set(ranges.map(({ topic, partition }) => `${topic}/${partition}`))
  const lastOffset = new Map(ranges.map(({ topic, partition, end }) => [`${topic}/${partition}`, end - 1n]))
  const topics = [...new Set(ranges.map(({ topic }) => topic))]
  const messages: Message[] = []
  try {
    const stream = await consumer.consume({ topics, mode: 'manual', offsets: await allOffsets(topics, ranges) })
    const giveUp = setTimeout(() => stream.destroy(new Error(`never arrived: ${[...missing]}`)), readTimeoutMs)
    for await (const { topic, partition, offset, key, value, headers } of stream) {
      const place = `${topic}/${partition}`
      const last = lastOffset.get(place)
      if (last !== undefined && offset <= last)
        messages.push({ topic, partition, offset, ...toText({ key, value, headers }) })
      if (last !== undefined && offset >= last) missing.delete(place)
      if (missing.size === 0) break
    }
    clearTimeout(giveUp)
  } finally {
    await consumer.close(true)
    await eventually(() => withAdmin((admin) => admin.deleteGroups({ groups: [groupId] })).then(() => true)).catch(
      () => {},
    )
  }
  return messages
}

/** The client needs an offset for each partition; unwanted ones start at their end. */
async function allOffsets(topics: string[], ranges: { topic: string; partition: number; offset: bigint }[]) {
  const ends = await endOfTopics()
  const starts = new Map(ranges.map(({ topic, partition, offset }) => [`${topic}/${partition}`, offset]))
  return topics.flatMap((topic) =>
    (ends.get(topic) ?? []).map((end, partition) => ({
      topic,
      partition,
      offset: starts.get(`${topic}/${partition}`) ?? end,
    })),
  )
}

function toText(raw: { key: Buffer; value: Buffer; headers: Map<Buffer, Buffer> }) {
  const headers = new Map([...raw.headers].map(([name, value]) => [name.toString(), value.toString()]))
  return { key: raw.key?.toString() ?? '', value: raw.value?.toString() ?? '', headers }
}
