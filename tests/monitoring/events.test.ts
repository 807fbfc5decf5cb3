import { Admin, ListOffsetTimestamps } from '@platformatic/kafka'
import { beforeAll, expect, test } from 'vitest'
import { type Member, newMember, publish } from '../support/community.ts'
import { freeze } from '../support/faults.ts'
import { query, watchClosely } from '../support/prometheus.ts'
import { eventually, port } from '../support/stack.ts'

beforeAll(watchClosely)

const value = async (expression: string) => (await query(expression))[0]?.value

test('the lag of a group is what Kafka has less what the group has committed', { timeout: 120_000 }, async () => {
  const member = await newMember()
  const lagOfStats = 'fanone_consumer_lag{group="stats", topic="user.followed"}'
  const other = await newMember()
  const written = 'sum(fanone_topic_messages{topic="user.followed"})'
  const before = (await value(written)) ?? 0
  await member.api.relations.follow({ id: other.user.id })
  await eventually(async () => (await value(`${written} > ${before}`)) && (await value(lagOfStats)) === 0)
  const thaw = await freeze('stats')
  for (const followee of await Promise.all([newMember(), newMember(), newMember()]))
    await member.api.relations.follow({ id: followee.user.id })
  await eventually(async () => (await value(lagOfStats)) === 3, { what: 'three follows wait' })
  expect(await lagByKafka('stats', 'user.followed')).toBe(3)
  thaw()
  await eventually(async () => (await value(lagOfStats)) === 0, { timeoutMs: 60_000, what: 'nothing waits' })
  expect(await lagByKafka('stats', 'user.followed')).toBe(0)
})

/** As Kafka's own tool reckons: the end of each partition less what is committed of it. */
async function lagByKafka(group: string, topic: string): Promise<number> {
  const admin = new Admin({ clientId: 'test', bootstrapBrokers: [`127.0.0.1:${port(7003)}`] })
  try {
    const [committed] = await admin.listConsumerGroupOffsets({ groups: [group] })
    const partitions = committed?.topics.find(({ name }) => name === topic)?.partitions ?? []
    const asked = partitions.map(({ partitionIndex }) => ({ partitionIndex, timestamp: ListOffsetTimestamps.LATEST }))
    const [ends] = await admin.listOffsets({ topics: [{ name: topic, partitions: asked }] })
    const endOf = new Map(ends?.partitions.map(({ partitionIndex, offset }) => [partitionIndex, offset]))
    const behind = partitions.map(({ partitionIndex, committedOffset }) =>
      committedOffset < 0n ? 0 : Number((endOf.get(partitionIndex) ?? 0n) - committedOffset),
    )
    return behind.reduce((sum, one) => sum + one, 0)
  } finally {
    await admin.close()
  }
}

test('every fact is counted once by what it is', { timeout: 120_000 }, async () => {
  const before = await counts()
  const author = await newMember()
  const viewer = await newMember()
  const video = await publish(author)
  await look(viewer, video.id)
  const expected = {
    'video.published': 1,
    'content.visited video': 1,
    'content.liked video': 1,
    'content.unliked video': 1,
    'comment.created video': 1,
    'comment.created comment': 1,
    'user.followed': 0,
  }
  await eventually(async () => {
    const now = await counts()
    const grown = Object.fromEntries(
      Object.keys(expected).map((name) => [name, (now.get(name) ?? 0) - (before.get(name) ?? 0)]),
    )
    expect(grown).toEqual(expected)
    return true
  })
})

async function look({ api }: Member, id: number): Promise<void> {
  await api.visits.record({ id })
  await api.likes.video.put({ id })
  await api.likes.video.put({ id })
  await api.likes.video.delete({ id })
  const comment = await api.comments.create({ id, text: 'Good' })
  await api.comments.reply({ id: comment.id, text: 'Indeed' })
}

async function counts(): Promise<Map<string, number>> {
  const samples = await query('sum by (event, kind) (fanone_facts_total)')
  return new Map(samples.map(({ labels, value }) => [[labels.event, labels.kind].filter(Boolean).join(' '), value]))
}
