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

const MOST_COUNTED = 100_000
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

/** How many events wait, and since when. One plain statement, because every service asks each second; never counts more than it needs. */
export async function measureOutbox(database: Database): Promise<{ pending: number; oldest: Date | undefined }> {
  const [row] = await database.em().execute<{ pending: number; oldest: string | null }[]>(
    `select (select count(*) from (select 1 from outbox limit ${MOST_COUNTED}) as capped) as pending,
      (select created_at from outbox order by seq limit 1) as oldest`,
  )
  return { pending: Number(row?.pending ?? 0), oldest: row?.oldest ? new Date(isoTime(row.oldest)) : undefined }
}

const isoTime = (createdAt: string) => `${createdAt.replace(' ', 'T')}Z`

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
  // Dapr replaces traceparent unless traceid is there too (components-contrib pubsub/envelope.go).
  const trace = row.traceparent
    ? `,"traceparent":${JSON.stringify(row.traceparent)},"traceid":${JSON.stringify(row.traceparent.split('-')[1])}`
    : ''
  const event =
    `{"specversion":"1.0","id":"${row.id}","source":${source},"type":${JSON.stringify(row.type)},"subject":"${row.aggregate_id}",` +
    `"time":"${isoTime(row.created_at)}","datacontenttype":"application/json","data":${row.data}${trace}}`
  const metadata = `{"partitionKey":"${row.aggregate_id}"}`
  return `{"entryId":"${row.seq}","contentType":"application/cloudevents+json","metadata":${metadata},"event":${event}}`
}
