import { type Admin, type Group, ListOffsetTimestamps } from '@platformatic/kafka'

/** How far a consumer group is, by topic. */
export interface GroupLag {
  group: string
  members: number
  /** Messages of each topic that the group has not committed. */
  lag: ReadonlyMap<string, number>
}

export interface ConsumerLag {
  groups: GroupLag[]
  /** Messages that each topic has had since it was made, also those that Kafka has deleted. */
  written: ReadonlyMap<string, number>
}

/** Offsets by partition. */
type Offsets = ReadonlyMap<number, bigint>

/**
 * Asks Kafka how far consumer groups are. What a group takes are the topics that it has committed
 * offsets of or whose partitions are assigned to its members; where a partition has no commit it
 * counts from its beginning, because sidecars begin there (`initialOffset: oldest`).
 *
 * @param groupIds those asked for; one that does not exist is left out
 * @throws Error where the broker does not answer
 */
export async function readConsumerLag(admin: Admin, groupIds: readonly string[]): Promise<ConsumerLag> {
  const existing = await admin.listGroups()
  const known = groupIds.filter((group) => existing.has(group))
  const topics = (await admin.listTopics()).filter((topic) => !topic.startsWith('__'))
  const [ends, starts] = await Promise.all([
    offsetsOf(admin, topics, ListOffsetTimestamps.LATEST),
    offsetsOf(admin, topics, ListOffsetTimestamps.EARLIEST),
  ])
  const [committed, groups] =
    known.length === 0
      ? [[], new Map<string, Group>()]
      : await Promise.all([
          admin.listConsumerGroupOffsets({ groups: known }),
          admin.describeGroups({ groups: known, includeAuthorizedOperations: false }),
        ])
  return {
    groups: committed.map(({ groupId, topics: commits }) => {
      const group = groups.get(groupId)
      const offsets = new Map(commits.map(({ name, partitions }) => [name, commitsOf(partitions)]))
      const lag = [...takenBy(group, offsets)]
        .filter((topic) => ends.has(topic))
        .map((topic): [string, number] => {
          const [end = new Map(), start = new Map()] = [ends.get(topic), starts.get(topic)]
          return [topic, lagOf({ end, start, commits: offsets.get(topic) ?? new Map() })]
        })
      return { group: groupId, members: group?.members.size ?? 0, lag: new Map(lag) }
    }),
    written: new Map([...ends].map(([topic, offsets]) => [topic, sum(offsets.values())])),
  }
}

function takenBy(group: Group | undefined, commits: ReadonlyMap<string, Offsets>): Set<string> {
  const assigned = [...(group?.members.values() ?? [])].flatMap(({ assignments }) => [...(assignments?.keys() ?? [])])
  return new Set([...commits.keys(), ...assigned])
}

/** Kafka names partitions without a commit with the offset -1. */
function commitsOf(partitions: readonly { partitionIndex: number; committedOffset: bigint }[]): Offsets {
  const committed = partitions.filter(({ committedOffset }) => committedOffset >= 0n)
  return new Map(committed.map(({ partitionIndex, committedOffset }) => [partitionIndex, committedOffset]))
}

/** Retention may have deleted what a group had not read: that is no longer to be read. */
function lagOf({ end, start, commits }: { end: Offsets; start: Offsets; commits: Offsets }): number {
  return sum(
    [...end].map(([partition, last]) => {
      const first = start.get(partition) ?? 0n
      const next = commits.get(partition) ?? first
      const behind = last - (next > first ? next : first)
      return behind > 0n ? behind : 0n
    }),
  )
}

async function offsetsOf(admin: Admin, topics: readonly string[], timestamp: bigint): Promise<Map<string, Offsets>> {
  if (topics.length === 0) return new Map()
  const metadata = await admin.metadata({ topics: [...topics], forceUpdate: true })
  const asked = topics.map((name) => {
    const count = metadata.topics.get(name)?.partitionsCount ?? 0
    return { name, partitions: Array.from({ length: count }, (_, partitionIndex) => ({ partitionIndex, timestamp })) }
  })
  const listed = await admin.listOffsets({ topics: asked })
  return new Map(
    listed.map(({ name, partitions }) => [
      name,
      new Map(partitions.map(({ partitionIndex, offset }) => [partitionIndex, offset])),
    ]),
  )
}

const sum = (values: Iterable<bigint>) => Number([...values].reduce((total, value) => total + value, 0n))
