import { randomInt, randomUUID } from 'node:crypto'
import { type ContentCounters, contentLiked, contentUnliked } from '@fanone/contracts'
import { produceRaw } from '../faults/ledger/kafka.ts'
import { connectAsRoot } from '../support/scratch-database.ts'
import { sendTo, sidecarOf } from '../support/sidecars.ts'
import { metrics, sumMetric } from '../support/stack.ts'

export const statsPort = 7160

/** An id that nobody has. */
export const newId = () => randomInt(2 ** 47)

/** A like as interaction would tell it, as a message of its topic. */
export interface LikeMessage {
  topic: string
  key: string
  value: string
}

export function likeMessage(
  like: { contentId: number; userId: number; authorId: number },
  isLiked = true,
): LikeMessage {
  const event = isLiked ? contentLiked : contentUnliked
  const data = event.data.parse({ kind: 'video', ...like, at: new Date().toISOString() })
  const envelope = { specversion: '1.0', id: randomUUID(), source: 'interaction', type: event.type }
  const value = JSON.stringify({ ...envelope, datacontenttype: 'application/json', data })
  return { topic: event.topic, key: event.orderedBy(data) as string, value }
}

/** The broker takes a megabyte for each partition. */
const MESSAGES_AT_A_TIME = 2_000

/** Puts messages on their topics, around every service. */
export async function produce(messages: LikeMessage[]): Promise<void> {
  for (const [topic, group] of Map.groupBy(messages, (message) => message.topic)) {
    for (let from = 0; from < group.length; from += MESSAGES_AT_A_TIME)
      await produceRaw(topic, group.slice(from, from + MESSAGES_AT_A_TIME))
  }
}

const stats = await sidecarOf('stats')

/** What stats answers for videos, asked as its sidecar would ask it. */
export async function countersOf(ids: number[]): Promise<ContentCounters[]> {
  const targets = ids.map((id) => ({ kind: 'video', id }))
  const reply = await sendTo(stats.appPort, {
    path: '/internal/counters.ofContent',
    token: stats.appToken,
    json: { targets },
  })
  const { items } = JSON.parse(reply.text) as { items: (ContentCounters & { kind: string; id: number })[] }
  return items.map(({ likes, comments, visits }) => ({ likes, comments, visits }))
}

/** How many deliveries of a topic to stats ended in a way, since it started. */
export async function outcomes(topic: string, outcome: string): Promise<number> {
  return sumMetric(await metrics(statsPort), 'fanone_events_consumed_total', { topic, outcome })
}

/** The likes of videos as MySQL has them, by id. */
export async function storedLikes(ids: number[]): Promise<Map<number, number>> {
  const admin = await connectAsRoot()
  try {
    const [rows] = await admin.query("select id, likes from stats.content_counter where kind = 'video' and id in (?)", [
      ids,
    ])
    return new Map((rows as { id: number; likes: number }[]).map(({ id, likes }) => [Number(id), Number(likes)]))
  } finally {
    await admin.end()
  }
}
