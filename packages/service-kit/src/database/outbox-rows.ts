import type { Database } from './database.ts'

/** A row of the outbox as the driver gives it: no entity, because thousands a second are read, sent and forgotten. */
export interface OutboxRow {
  seq: number
  id: number
  topic: string
  type: string
  aggregate_id: number
  /** JSON, as `addToOutbox` wrote it. */
  data: string
  traceparent: string | null
  /** `2026-01-31 12:00:00.123`, UTC. */
  created_at: string
}

/** At most this many events travel together. */
const MOST_EVENTS = 1_000
/** Half of what a sidecar takes at once (`maxBodySize` in dapr.yaml), because the envelopes come on top and UTF-8 has longer letters. */
const MOST_DATA_LENGTH = 1024 * 1024

/** The oldest rows, in order. @param besides rows that are left out, because they are being deleted */
export async function readOutbox(database: Database, besides: readonly OutboxRow[]): Promise<OutboxRow[]> {
  // Always from the start: a transaction that took its number early may have been committed late.
  const where = besides.length === 0 ? '' : `where seq not in (${seqsOf(besides)})`
  return database.em().execute<OutboxRow[]>(`select * from outbox ${where} order by seq limit ${MOST_EVENTS}`)
}

export async function deleteFromOutbox(database: Database, rows: readonly OutboxRow[]): Promise<void> {
  await database.em().execute(`delete from outbox where seq in (${seqsOf(rows)})`, [], 'run')
}

const seqsOf = (rows: readonly OutboxRow[]) => rows.map(({ seq }) => seq).join()

/**
 * Cuts rows into batches of one topic each, since a bulk publish goes to one topic, small enough for a sidecar. Events of one
 * aggregate keep their order, also over topics; those of different aggregates may pass each other, so that topics that take turns
 * make few batches and not one for each event. No aggregate is twice in a batch: a bulk publish can fail for an earlier event and
 * succeed for a later one (a broker that comes back meanwhile), which would turn them round.
 */
export function batchesOfOneTopic<Row extends Pick<OutboxRow, 'topic' | 'aggregate_id' | 'data'>>(
  rows: Row[],
): Row[][] {
  const batches: { rows: Row[]; dataLength: number }[] = []
  const openOfTopic = new Map<string, number>()
  const lastOfAggregate = new Map<number, number>()
  for (const row of rows) {
    let index = openOfTopic.get(row.topic) ?? -1
    const isTooEarly = index <= (lastOfAggregate.get(row.aggregate_id) ?? -1)
    if (isTooEarly || (batches[index]?.dataLength ?? 0) + row.data.length > MOST_DATA_LENGTH)
      index = batches.push({ rows: [], dataLength: 0 }) - 1
    const batch = batches[index] as (typeof batches)[number]
    batch.rows.push(row)
    batch.dataLength += row.data.length
    openOfTopic.set(row.topic, index)
    lastOfAggregate.set(row.aggregate_id, index)
  }
  return batches.map((batch) => batch.rows)
}

/** The body of a bulk publish. `data` is put in as it is: it is JSON already, and reading it would cost more than all the rest. */
export function bulkBody(rows: readonly OutboxRow[], source: string): string {
  return `[${rows.map((row) => entryOf(row, JSON.stringify(source))).join()}]`
}

function entryOf(row: OutboxRow, source: string): string {
  const time = `${row.created_at.replace(' ', 'T')}Z`
  // Dapr replaces traceparent unless traceid is there too (components-contrib pubsub/envelope.go).
  const trace = row.traceparent
    ? `,"traceparent":${JSON.stringify(row.traceparent)},"traceid":${JSON.stringify(row.traceparent.split('-')[1])}`
    : ''
  const event =
    `{"specversion":"1.0","id":"${row.id}","source":${source},"type":${JSON.stringify(row.type)},"subject":"${row.aggregate_id}",` +
    `"time":"${time}","datacontenttype":"application/json","data":${row.data}${trace}}`
  const metadata = `{"partitionKey":"${row.aggregate_id}"}`
  return `{"entryId":"${row.seq}","contentType":"application/cloudevents+json","metadata":${metadata},"event":${event}}`
}
