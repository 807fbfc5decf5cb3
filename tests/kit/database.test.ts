import { videoDeleted } from '@fanone/contracts'
import { addToOutbox, applyBatchOnce, applyOnce, type Database, type EntityManager, runOnce } from '@fanone/service-kit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kitTables } from '../../packages/service-kit/src/database/tables.ts'
import { scratchDatabase } from '../support/scratch-database.ts'

let scratch: Awaited<ReturnType<typeof scratchDatabase>>
let database: Database
beforeAll(async () => {
  scratch = await scratchDatabase()
  database = await scratch.open()
})
afterAll(() => scratch.drop())

const event = (id: string) => ({ id, source: 'test', specversion: '1.0' as const, type: 'thing.made.v1', data: {} })
const user = (userId: number) => ({ userId, sessionId: 'test' })
const count = async (table: string) => {
  const [row] = await database.em().execute<{ n: number }[]>(`select count(*) as n from ${table}`)
  return Number(row?.n)
}
const deletion = { videoId: 5, authorId: 6, version: 2, deletedAt: new Date().toISOString() }

test('instances that start together migrate once and get different worker numbers', async () => {
  const others = await Promise.all([scratch.open(), scratch.open(), scratch.open()])
  const ids = [database, ...others].flatMap((one) => Array.from({ length: 2_000 }, () => one.newId()))
  expect(new Set(ids).size).toBe(ids.length)
  expect(await count('mikro_orm_migrations')).toBe(kitTables.migrations.length)
})

test('a worker number that was given back can be leased again', async () => {
  const before = await scratch.open()
  const [leased] = await database
    .em()
    .execute<{ worker: number }[]>('select max(worker) as worker from worker_lease where expires_at > now(3)')
  await before.close()
  const [after] = await database
    .em()
    .execute<{ free: number }[]>('select count(*) as free from worker_lease where worker = ? and expires_at < now(3)', [
      leased?.worker,
    ])
  expect(Number(after?.free)).toBe(1)
})

test('an event delivered 20 times at once has one effect', async () => {
  let effects = 0
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, () =>
      applyOnce(database, event('same'), async () => {
        effects++
      }),
    ),
  )
  expect(outcomes.filter(Boolean)).toHaveLength(1)
  expect(effects).toBe(1)
})

test('batches that overlap, delivered at once until they are applied, have the effect of each event once', async () => {
  const other = await scratch.open()
  const deliveries = Array.from({ length: 30 }, (_, index) => ({ event: event(`of a batch ${index}`) }))
  const before = await count('outbox')
  const deliver = async (to: Database, from: number): Promise<string[]> => {
    try {
      return await applyBatchOnce(to, deliveries.slice(from, from + 20), async (em, fresh) => {
        for (const _ of fresh) addToOutbox(database, em, videoDeleted, deletion)
      })
    } catch (error) {
      expect(error).toMatchObject({ code: 'unavailable' })
      return deliver(to, from)
    }
  }
  const outcomes = await Promise.all([
    deliver(database, 0),
    deliver(other, 5),
    deliver(database, 10),
    deliver(other, 0),
  ])
  expect(outcomes.flat().filter((outcome) => outcome === 'handled')).toHaveLength(30)
  expect((await count('outbox')) - before).toBe(30)
})

test('the same id from another sender is another event', async () => {
  await applyOnce(database, { ...event('shared'), source: 'user' }, async () => {})
  expect(await applyOnce(database, { ...event('shared'), source: 'video' }, async () => {})).toBe(true)
})

test('an event whose effect fails stays new', async () => {
  const failing = applyOnce(database, event('again'), () => Promise.reject(new Error('effect failed')))
  await expect(failing).rejects.toThrow('effect failed')
  expect(await applyOnce(database, event('again'), async () => {})).toBe(true)
})

test('a keyed call made 20 times at once runs once and always gets the same answer', async () => {
  const call = { operation: 'things.make', identity: user(1), key: 'key-1', input: { name: 'a' } }
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => runOnce(database, call, async () => ({ id: database.newId() }))),
  )
  expect(new Set(answers.map((answer) => answer.id)).size).toBe(1)
})

test('a key that comes back with another input is refused', async () => {
  const call = { operation: 'things.make', identity: user(1), key: 'key-2', input: { name: 'a' } }
  await runOnce(database, call, async () => ({ id: 1 }))
  await expect(runOnce(database, { ...call, input: { name: 'b' } }, async () => ({ id: 2 }))).rejects.toMatchObject({
    code: 'idempotency_key_reused',
  })
})

test('a key is its own for each user and each operation', async () => {
  const call = { operation: 'things.make', identity: user(1), key: 'shared key', input: { name: 'a' } }
  const answers = await Promise.all(
    [
      call,
      { ...call, identity: user(2) },
      { ...call, identity: user(2), operation: 'things.break', input: { name: 'b' } },
      { ...call, identity: undefined },
    ].map((one) => runOnce(database, one, async () => ({ id: database.newId() }))),
  )
  expect(new Set(answers.map(({ id }) => id)).size).toBe(4)
  expect(await runOnce(database, { ...call, identity: user(2) }, async () => ({ id: 0 }))).toEqual(answers[1])
})

test('a keyed call that failed can be made again', async () => {
  const call = { operation: 'things.make', identity: user(1), key: 'key-3', input: {} }
  await expect(runOnce(database, call, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await runOnce(database, call, async () => ({ id: 3 }))).toEqual({ id: 3 })
})

test('an event is in the outbox exactly if its transaction was committed', async () => {
  const before = await count('outbox')
  await database.transaction(async (em) => addToOutbox(database, em, videoDeleted, deletion))
  const rolledBack = database.transaction(async (em) => {
    addToOutbox(database, em, videoDeleted, deletion)
    await em.flush()
    throw new Error('rolled back')
  })
  await expect(rolledBack).rejects.toThrow('rolled back')
  expect(await count('outbox')).toBe(before + 1)
})

test('several events of a transaction keep their order', async () => {
  const ids = [31, 32, 33]
  await database.transaction(async (em) => {
    for (const videoId of ids) addToOutbox(database, em, videoDeleted, { ...deletion, videoId })
  })
  const rows = await database
    .em()
    .execute<{ data: string }[]>("select data from outbox where aggregate_id in ('31', '32', '33') order by seq")
  expect(rows.map(({ data }) => JSON.parse(data).videoId)).toEqual(ids)
})

test('an event outside of a transaction, or after it, is refused and not lost in silence', async () => {
  const add = (em: EntityManager) => addToOutbox(database, em, videoDeleted, deletion)
  expect(() => add(database.em())).toThrow(/would be lost/)
  const ended = await database.transaction(async (em) => em)
  expect(() => add(ended)).toThrow(/would be lost/)
})

test('a transaction that begins while a server lock is held is committed on its own', async () => {
  const reader = await scratch.open()
  await database.withLock('test', async () => {
    await applyOnce(database, event('under a lock'), async () => {})
    const seen = await reader.em().execute("select 1 from inbox where event_id = 'test/under a lock'")
    expect(seen).toHaveLength(1)
  })
})

test('data that does not fit its event never reaches the outbox', async () => {
  const wrong = { ...deletion, videoId: 'five' as unknown as number }
  const attempt = database.transaction(async (em) => addToOutbox(database, em, videoDeleted, wrong))
  await expect(attempt).rejects.toThrow()
})

test('no account sees the tables of another service', async () => {
  const [rows] = await scratch.admin.query("select user, db from mysql.db where user in ('user', 'video')")
  const grants = (rows as { user: string; db: string }[]).map((row) => `${row.user}@${row.db}`)
  expect(grants.toSorted()).toEqual(['user@user', 'video@video'])
  const [all] = await scratch.admin.query(
    "select user from mysql.user where user in ('user', 'video') and select_priv = 'Y'",
  )
  expect(all).toEqual([])
})
