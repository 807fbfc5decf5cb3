import { videoDeleted } from '@fanone/contracts'
import { addToOutbox, applyBatchOnce, applyOnce, type Database, runOnce } from '@fanone/service-kit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { deleteOldRows } from '../../packages/service-kit/src/database/housekeeping.ts'
import { deleteFromOutbox, measureOutbox, readOutbox } from '../../packages/service-kit/src/database/outbox-rows.ts'
import { explainQueries, wastefulQueries } from '../support/explain.ts'
import { scratchDatabase } from '../support/scratch-database.ts'

/** So many that a thousand of them, which the relay deletes at a time, are few. */
const ROWS = 15_000
const BATCH = 3_000

let scratch: Awaited<ReturnType<typeof scratchDatabase>>
let database: Database
const event = (id: string) => ({ id, source: 'test', specversion: '1.0' as const, type: 'thing.made.v1', data: {} })
const deletion = { videoId: 5, authorId: 6, version: 2, deletedAt: new Date().toISOString() }

beforeAll(async () => {
  scratch = await scratchDatabase()
  database = await scratch.open()
  for (let from = 0; from < ROWS; from += BATCH) {
    const some = Array.from({ length: BATCH }, (_, index) => from + index)
    await database.transaction(async (em) => {
      for (const index of some) addToOutbox(database, em, videoDeleted, { ...deletion, videoId: index + 1 })
    })
    const deliveries = some.map((index) => ({ event: event(`before ${index}`) }))
    await applyBatchOnce(database, deliveries, async () => {})
  }
  for (let index = 0; index < 200; index++) await keyed(`before ${index}`)
  for (const table of ['outbox', 'inbox', 'idempotency']) await database.em().execute(`analyze table ${table}`)
})
afterAll(() => scratch.drop())

const keyed = (key: string) =>
  runOnce(database, { operation: 'test', identity: undefined, key, input: {} }, async () => ({ key }))

test('what stands in the way of every write and every event looks through no table', async () => {
  const explained = await explainQueries(database, async () => {
    const first = await readOutbox(database, [])
    await readOutbox(database, first)
    await deleteFromOutbox(database, first)
    await measureOutbox(database)
    await applyOnce(database, event('one'), async () => {})
    await applyBatchOnce(database, [{ event: event('before 7') }, { event: event('new') }], async () => {})
    await keyed('before 9')
    await keyed('new')
    await deleteOldRows(database)
  })
  expect(explained.length).toBeGreaterThanOrEqual(7)
  const waste = wastefulQueries(explained)
    // Goes along the key past a thousand rows at most, those that are being deleted.
    .filter((query) => !/where `seq` not in/.test(query))
    // Counts a hundred thousand rows at most, once a second, so that nobody has to keep a counter.
    .filter((query) => !/as `capped`/.test(query))
  expect(waste).toEqual([])
})
