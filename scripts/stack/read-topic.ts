import { randomUUID } from 'node:crypto'
import { Admin, Consumer, ListOffsetTimestamps } from '@platformatic/kafka'

/** Where a message stands in its topic. */
export interface Place {
  partition: number
  offset: bigint
}

/** A message as the broker keeps it. */
export interface TopicMessage {
  place: Place
  key: Buffer | null
  value: Buffer | null
  headers: readonly (readonly [Buffer, Buffer])[]
}

/** The next offset, by partition. */
export type Offsets = ReadonlyMap<number, bigint>

const TIMEOUT_MS = 60_000

/** How to connect to a broker on this machine. */
export const kafkaConnection = (clientId: string, broker: string) => ({
  clientId,
  bootstrapBrokers: [broker],
  retries: 5,
  retryDelay: 300,
})

/**
 * Reads messages of a topic that are there already, in the order of each partition, and leaves no
 * consumer group behind.
 *
 * @param options.from the first wanted offset of a partition; the first that is kept if not named
 * @param options.to the offset behind the last; the present end if not given
 * @throws Error if the broker does not answer
 */
export async function* readTopic(options: {
  broker: string
  topic: string
  from: Offsets
  to?: Offsets
}): AsyncGenerator<TopicMessage> {
  const { topic } = options
  const connection = kafkaConnection('replay', options.broker)
  const admin = new Admin(connection)
  const groupId = `ledger-replay-${randomUUID()}`
  try {
    if (!(await admin.listTopics()).includes(topic)) return
    const starts = await offsetsOf(admin, topic, ListOffsetTimestamps.EARLIEST)
    const ends = options.to ?? (await offsetsOf(admin, topic, ListOffsetTimestamps.LATEST))
    const ranges = [...starts].map(([partition, first]) => {
      const end = ends.get(partition) ?? first
      const wanted = options.from.get(partition) ?? first
      return { topic, partition, offset: largest(first, wanted < end ? wanted : end), end }
    })
    if (ranges.every(({ offset, end }) => offset >= end)) return
    const consumer = new Consumer({ ...connection, groupId, autocommit: false, maxWaitTime: 200 })
    try {
      yield* read(consumer, topic, ranges)
    } finally {
      await consumer.close(true)
      await admin.deleteGroups({ groups: [groupId] }).catch(() => {})
    }
  } finally {
    await admin.close()
  }
}

const largest = (a: bigint, b: bigint) => (a > b ? a : b)

/** Where the partitions of a topic begin or end. */
export async function offsetsOf(
  admin: Admin,
  topic: string,
  timestamp: typeof ListOffsetTimestamps.EARLIEST | typeof ListOffsetTimestamps.LATEST,
): Promise<Map<number, bigint>> {
  const { topics } = await admin.metadata({ topics: [topic], forceUpdate: true })
  const count = topics.get(topic)?.partitionsCount ?? 0
  const partitions = Array.from({ length: count }, (_, partitionIndex) => ({ partitionIndex, timestamp }))
  const [listed] = await admin.listOffsets({ topics: [{ name: topic, partitions }] })
  return new Map(listed?.partitions.map(({ partitionIndex, offset }) => [partitionIndex, offset]))
}

async function* read(
  consumer: Consumer,
  topic: string,
  ranges: { topic: string; partition: number; offset: bigint; end: bigint }[],
): AsyncGenerator<TopicMessage> {
  const missing = new Map(ranges.filter(({ offset, end }) => offset < end).map((one) => [one.partition, one.end - 1n]))
  const last = new Map(missing)
  // The client needs an offset for every partition, also for those of which nothing is wanted.
  const stream = await consumer.consume({ topics: [topic], mode: 'manual', offsets: ranges })
  let giveUp: NodeJS.Timeout | undefined
  const waitOn = () => {
    clearTimeout(giveUp)
    giveUp = setTimeout(() => stream.destroy(new Error(`${topic} could not be read in time`)), TIMEOUT_MS)
  }
  waitOn()
  try {
    for await (const { partition, offset, key, value, headers } of stream) {
      waitOn()
      const end = last.get(partition)
      if (end !== undefined && offset <= end)
        yield { place: { partition, offset }, key: key as Buffer | null, value, headers: [...headers] }
      if (end !== undefined && offset >= end) missing.delete(partition)
      if (missing.size === 0) break
    }
  } finally {
    clearTimeout(giveUp)
  }
}
