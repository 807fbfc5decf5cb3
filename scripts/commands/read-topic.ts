import { randomUUID } from 'node:crypto'
import { Admin, Consumer, ListOffsetTimestamps } from '@platformatic/kafka'

/** Where a message stands in its topic. */
export interface Place {
  partition: number
  offset: bigint
}

const TIMEOUT_MS = 60_000

/**
 * Reads the present messages of a topic, partition by partition, and leaves no consumer group
 * behind.
 *
 * @param options.from the first wanted offset of a partition; from the beginning if not named
 * @throws Error if the broker does not answer
 */
export async function readTopic(options: {
  broker: string
  topic: string
  from: Map<number, bigint>
}): Promise<{ place: Place; value: string }[]> {
  const { topic, from } = options
  const connection = { clientId: 'replay', bootstrapBrokers: [options.broker], retries: 5, retryDelay: 300 }
  const admin = new Admin(connection)
  const groupId = `ledger-replay-${randomUUID()}`
  try {
    const missing = await rangesOf(admin, topic, from)
    if (missing.size === 0) return []
    const consumer = new Consumer({ ...connection, groupId, autocommit: false, maxWaitTime: 200 })
    try {
      return await read(consumer, { topic, from, missing })
    } finally {
      await consumer.close(true)
      await admin.deleteGroups({ groups: [groupId] }).catch(() => {})
    }
  } finally {
    await admin.close()
  }
}

/** The last offset of each partition that has something new. */
async function rangesOf(admin: Admin, topic: string, from: Map<number, bigint>): Promise<Map<number, bigint>> {
  if (!(await admin.listTopics()).includes(topic)) return new Map()
  const { topics } = await admin.metadata({ topics: [topic], forceUpdate: true })
  const partitions = Array.from({ length: topics.get(topic)?.partitionsCount ?? 0 }, (_, index) => index)
  const at = async (timestamp: bigint) => {
    const asked = partitions.map((partitionIndex) => ({ partitionIndex, timestamp }))
    const [listed] = await admin.listOffsets({ topics: [{ name: topic, partitions: asked }] })
    return new Map(listed?.partitions.map(({ partitionIndex, offset }) => [partitionIndex, offset]))
  }
  const [starts, ends] = [await at(ListOffsetTimestamps.EARLIEST), await at(ListOffsetTimestamps.LATEST)]
  const isNew = ([partition, end]: [number, bigint]) => end > (from.get(partition) ?? starts.get(partition) ?? 0n)
  return new Map([...ends].filter(isNew).map(([partition, end]) => [partition, end - 1n]))
}

async function read(
  consumer: Consumer,
  wanted: { topic: string; from: Map<number, bigint>; missing: Map<number, bigint> },
): Promise<{ place: Place; value: string }[]> {
  const { topic, from, missing } = wanted
  const last = new Map(missing)
  const offsets = [...last.keys()].map((partition) => ({ topic, partition, offset: from.get(partition) ?? 0n }))
  const stream = await consumer.consume({
    topics: [topic],
    mode: 'manual',
    offsets: await withEnds(consumer, topic, offsets),
  })
  const giveUp = setTimeout(() => stream.destroy(new Error(`${topic} could not be read in time`)), TIMEOUT_MS)
  const messages: { place: Place; value: string }[] = []
  try {
    for await (const { partition, offset, value } of stream) {
      const end = last.get(partition)
      if (end !== undefined && offset <= end)
        messages.push({ place: { partition, offset }, value: (value as Buffer | null)?.toString() ?? '' })
      if (end !== undefined && offset >= end) missing.delete(partition)
      if (missing.size === 0) break
    }
  } finally {
    clearTimeout(giveUp)
  }
  return messages
}

/** The client needs an offset for every partition; unwanted ones start at their end. */
async function withEnds(
  consumer: Consumer,
  topic: string,
  offsets: { topic: string; partition: number; offset: bigint }[],
) {
  const ends = (await consumer.listOffsets({ topics: [topic] })).get(topic) ?? []
  const wanted = new Map(offsets.map((one) => [one.partition, one]))
  return ends.map((offset, partition) => wanted.get(partition) ?? { topic, partition, offset })
}
