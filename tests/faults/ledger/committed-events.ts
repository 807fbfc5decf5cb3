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

/** The data of a video's event at a version. */
export function factsOf(video: V1Video, change: { version: number; title: string }) {
  const key = (url: string) => new URL(url).pathname.replace('/media/', '')
  const { id, authorId, description, durationMs, width, height, createdAt, updatedAt } = video
  const keys = { videoKey: key(video.videoUrl), coverKey: key(video.coverUrl) }
  return { videoId: id, authorId, description, durationMs, width, height, createdAt, updatedAt, ...keys, ...change }
}

/** The events of `count` edits of a video, from version 2 on. */
export function editsOf(video: V1Video, count: number): OutboxEvent[] {
  return Array.from({ length: count }, (_, index) => ({
    id: newEventId(),
    type: 'video.updated.v1',
    aggregateId: video.id,
    data: factsOf(video, { version: index + 2, title: `edit ${index + 2} of ${video.id}` }),
  }))
}

/**
 * Commits thousands of `video.updated` events at once, as the video service does. The videos get
 * the state of their last event in the same transaction.
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

/**
 * Mixes the events of all videos as if edited at the same time, keeping the order of each video.
 */
export function interleave(lists: OutboxEvent[][]): OutboxEvent[] {
  const longest = Math.max(...lists.map(({ length }) => length))
  return Array.from({ length: longest }, (_, index) => lists.flatMap((list) => list[index] ?? [])).flat()
}
