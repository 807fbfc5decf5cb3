import { sql } from 'kysely'
import type { Database } from './database.ts'
import { columnsOf, kysely } from './kysely.ts'
import { OutboxEntity, type OutboxRow } from './outbox.entity.ts'

const MAX_COUNTED = 100_000
/** At most this many events are read, and travel, together. */
export const MAX_EVENTS = 1_000
/**
 * Half of a sidecar's `maxBodySize` (dapr.yaml): envelopes are added, and UTF-8 may need more bytes
 * than characters.
 */
const MAX_DATA_LENGTH = 1024 * 1024

const columns = columnsOf(OutboxEntity)

/**
 * The oldest rows, in order.
 *
 * @param except rows to leave out, because they are being deleted
 */
export async function readOutbox(database: Database, except: readonly OutboxRow[]): Promise<OutboxRow[]> {
  // Always from the start: a transaction that took its number early may have been committed late.
  const oldest = kysely<typeof OutboxEntity>(database.em())
    .selectFrom('outbox')
    .select(columns)
    .orderBy('seq')
    .limit(MAX_EVENTS)
  return (except.length === 0 ? oldest : oldest.where('seq', 'not in', seqsOf(except))).execute()
}

export async function deleteFromOutbox(database: Database, rows: readonly OutboxRow[]): Promise<void> {
  await kysely<typeof OutboxEntity>(database.em()).deleteFrom('outbox').where('seq', 'in', seqsOf(rows)).execute()
}

/**
 * Number and age of the waiting events, counted up to a bound. A plain statement, because every
 * service asks each second.
 */
export async function measureOutbox(database: Database): Promise<{ pending: number; oldest: Date | undefined }> {
  const { pending, oldest } = await kysely<typeof OutboxEntity>(database.em())
    .selectNoFrom(({ selectFrom, fn }) => [
      selectFrom(selectFrom('outbox').select(sql`1`.as('one')).limit(MAX_COUNTED).as('capped'))
        .select(fn.countAll<number>().as('count'))
        .$asScalar()
        .as('pending'),
      selectFrom('outbox').select('created_at').orderBy('seq').limit(1).as('oldest'),
    ])
    .executeTakeFirstOrThrow()
  return { pending: pending ?? 0, oldest: oldest ?? undefined }
}

const seqsOf = (rows: readonly OutboxRow[]) => rows.map(({ seq }) => seq)

/**
 * Splits rows into batches of one topic each, as bulk publishing needs, small enough for a sidecar.
 * Events of one aggregate keep their order, also across topics. Others may overtake: a row goes to
 * the first batch of its topic behind those of its aggregate that has room.
 *
 * No aggregate is twice in a batch: a bulk publish can fail for an earlier event and succeed for a
 * later one (when the broker comes back meanwhile), which would reverse them.
 */
export function batchesOfOneTopic<Row extends Pick<OutboxRow, 'topic' | 'aggregateId' | 'data'>>(rows: Row[]): Row[][] {
  const batches: Batch<Row>[] = []
  const lastOfAggregate = new Map<string, number>()
  for (const row of rows) {
    const aggregate = row.aggregateId ?? undefined
    let index = aggregate === undefined ? 0 : (lastOfAggregate.get(aggregate) ?? -1) + 1
    while (!hasRoom(batches[index], row)) index++
    const batch = batches[index] ?? { topic: row.topic, rows: [], dataLength: 0 }
    batches[index] = batch
    batch.rows.push(row)
    batch.dataLength += row.data.length
    if (aggregate !== undefined) lastOfAggregate.set(aggregate, index)
  }
  return batches.map((batch) => batch.rows)
}

interface Batch<Row> {
  topic: string
  rows: Row[]
  dataLength: number
}

/** Whether a batch, or the next one where there is none, takes a row. */
function hasRoom<Row extends Pick<OutboxRow, 'topic' | 'data'>>(batch: Batch<Row> | undefined, row: Row): boolean {
  return !batch || (batch.topic === row.topic && batch.dataLength + row.data.length <= MAX_DATA_LENGTH)
}

/**
 * The body of a bulk publish. `data` is inserted unparsed: parsing the JSON would cost more than
 * the rest.
 */
export function bulkBody(rows: readonly OutboxRow[], source: string): string {
  return `[${rows.map((row) => entryOf(row, JSON.stringify(source))).join()}]`
}

function entryOf(row: OutboxRow, source: string): string {
  // Dapr replaces traceparent unless traceid is there too (components-contrib pubsub/envelope.go).
  const trace = row.traceparent
    ? `,"traceparent":${JSON.stringify(row.traceparent)},"traceid":${JSON.stringify(row.traceparent.split('-')[1])}`
    : ''
  const aggregate = JSON.stringify(row.aggregateId ?? undefined)
  const subject = aggregate ? `"subject":${aggregate},` : ''
  const event =
    `{"specversion":"1.0","id":"${row.id}","source":${source},"type":${JSON.stringify(row.type)},${subject}` +
    `"time":"${row.createdAt.toISOString()}","datacontenttype":"application/json","data":${row.data}${trace}}`
  const metadata = aggregate ? `{"partitionKey":${aggregate}}` : '{}'
  return `{"entryId":"${row.seq}","contentType":"application/cloudevents+json","metadata":${metadata},"event":${event}}`
}
