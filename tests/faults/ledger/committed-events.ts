import { randomInt } from 'node:crypto'
import type { V1Video } from '@fanone/contracts/gateway'
import { connectAsRoot } from '../../support/scratch-database.ts'

/** An event that waits in an outbox. */
export interface OutboxEvent {
  id: number
  type: string
  aggregateId: number
  data: unknown
}

const rowsPerInsert = 500

export const newEventId = () => randomInt(2 ** 47)

/** What the video service tells of a video at a version. */
export function factsOf(video: V1Video, change: { version: number; title: string }) {
  const key = (url: string) => new URL(url).pathname.replace('/media/', '')
  const { id, authorId, description, durationMs, width, height, createdAt, updatedAt } = video
  const keys = { videoKey: key(video.videoUrl), coverKey: key(video.coverUrl) }
  return { videoId: id, authorId, description, durationMs, width, height, createdAt, updatedAt, ...keys, ...change }
}

/** `count` edits of a video, as the video service would tell them, from version 2 on. */
export function editsOf(video: V1Video, count: number): OutboxEvent[] {
  return Array.from({ length: count }, (_, index) => ({
    id: newEventId(),
    type: 'video.updated.v1',
    aggregateId: video.id,
    data: factsOf(video, { version: index + 2, title: `edit ${index + 2} of ${video.id}` }),
  }))
}

/**
 * Commits events of `video.updated` as the video service does with its changes: thousands in a moment. Videos that they tell of get the
 * state of their last event in the same transaction.
 */
export async function commitUpdates(events: OutboxEvent[]): Promise<void> {
  const admin = await connectAsRoot()
  try {
    await admin.beginTransaction()
    for (let first = 0; first < events.length; first += rowsPerInsert) {
      const rows = events
        .slice(first, first + rowsPerInsert)
        .map(({ id, type, aggregateId, data }) => [
          id,
          'video.updated',
          type,
          aggregateId,
          JSON.stringify(data),
          new Date(),
        ])
      await admin.query('insert into video.outbox (id, topic, type, aggregate_id, data, created_at) values ?', [rows])
    }
    for (const { data, aggregateId } of lastOfEach(events)) {
      const { version, title } = data as { version: number; title: string }
      await admin.query('update video.video set version = ?, title = ? where id = ?', [version, title, aggregateId])
    }
    await admin.commit()
  } finally {
    await admin.end()
  }
}

function lastOfEach(events: OutboxEvent[]): OutboxEvent[] {
  const edits = events.filter(({ type }) => type === 'video.updated.v1')
  return [...new Map(edits.map((event) => [event.aggregateId, event])).values()]
}

/** The events of all videos mixed as if they were edited at the same time, each video's in its order. */
export function interleave(lists: OutboxEvent[][]): OutboxEvent[] {
  const longest = Math.max(...lists.map(({ length }) => length))
  return Array.from({ length: longest }, (_, index) => lists.flatMap((list) => list[index] ?? [])).flat()
}
