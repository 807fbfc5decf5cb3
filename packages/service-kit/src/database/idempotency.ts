import { createHash } from 'node:crypto'
import { ServiceError } from '../errors.ts'
import type { Identity } from '../identity.ts'
import type { Database, EntityManager } from './database.ts'
import { IdempotencyEntity } from './idempotency.entity.ts'
import { kysely } from './kysely.ts'

/** What is run at most once. */
export interface KeyedCall {
  operation: string
  /** The caller; undefined before log-in. */
  identity: Identity | undefined
  key: string | undefined
  input: unknown
}

/**
 * Runs a keyed operation once: the answer is stored in the transaction of the effect and returned
 * when the same caller repeats the key with this operation. Without a key it simply runs.
 *
 * @throws ServiceError `idempotency_key_reused` when the key came with another input before
 */
export async function runOnce<Answer>(
  database: Database,
  call: KeyedCall,
  work: (em: EntityManager) => Promise<Answer>,
): Promise<Answer> {
  if (call.key === undefined) return database.transaction(work)
  const keyHash = hashOfKey(call)
  const requestHash = sha256(JSON.stringify(call.input))
  const find = () => database.em().findOne(IdempotencyEntity, { operation: call.operation, keyHash })
  const replay = (record: { requestHash: string; answer: string }) => {
    if (record.requestHash !== requestHash) throw new ServiceError('idempotency_key_reused')
    return JSON.parse(record.answer) as Answer
  }
  const earlier = await find()
  if (earlier) return replay(earlier)
  try {
    return await database.transaction(async (em) => {
      const answer = await work(em)
      await em.insert(IdempotencyEntity, recordOf(call, answer))
      return answer
    })
  } catch (error) {
    // Despite this failure the same key may have succeeded in another call; then its answer counts.
    const winner = await find()
    if (winner) return replay(winner)
    throw error
  }
}

/**
 * Runs many keyed operations once, in one transaction.
 *
 * @param work answers those that did not come before, in their order; undefined for what it leaves
 * @returns undefined also for those that came before, or twice: `runOnce` has their answers
 * @throws the driver's error for a duplicate key where one comes at the same time elsewhere;
 *   nothing has happened then
 */
export async function runManyOnce<Call extends KeyedCall, Answer>(
  database: Database,
  calls: readonly Call[],
  work: (em: EntityManager, fresh: Call[]) => Promise<(Answer | undefined)[]>,
): Promise<(Answer | undefined)[]> {
  const byKey = new Map(calls.toReversed().map((call) => [nameOf(call), call]))
  const hashes = calls.filter(({ key }) => key !== undefined).map(hashOfKey)
  const operations = [...new Set(calls.map(({ operation }) => operation))]
  const earlier =
    hashes.length === 0
      ? []
      : await kysely<typeof IdempotencyEntity>(database.em())
          .selectFrom('idempotency')
          .select(['operation', 'key_hash as keyHash'])
          .where('operation', 'in', operations)
          .where('key_hash', 'in', hashes)
          .execute()
  const known = new Set(earlier.map(({ operation, keyHash }) => `${operation} ${keyHash}`))
  const fresh = calls.filter((call) => byKey.get(nameOf(call)) === call && !known.has(String(nameOf(call))))
  if (fresh.length === 0) return calls.map(() => undefined)
  const answers = await database.transaction(async (em) => {
    const all = await work(em, fresh)
    const records = fresh.flatMap((call, index) =>
      call.key === undefined || all[index] === undefined ? [] : recordOf(call, all[index]),
    )
    if (records.length > 0) await insertRecords(em, records)
    return all
  })
  const answerOf = new Map(fresh.map((call, index) => [call, answers[index]]))
  return calls.map((call) => answerOf.get(call))
}

/** Calls without a key are all different. */
const nameOf = (call: KeyedCall) => (call.key === undefined ? call : `${call.operation} ${hashOfKey(call)}`)

/** A key is its caller's: what others send under the same one is another call. */
const hashOfKey = ({ identity, key }: KeyedCall) => sha256(JSON.stringify([identity?.userId ?? null, key]))

function recordOf(call: KeyedCall, answer: unknown) {
  return {
    operation: call.operation,
    keyHash: hashOfKey(call),
    requestHash: sha256(JSON.stringify(call.input)),
    answer: JSON.stringify(answer),
    createdAt: new Date(),
  }
}

/** In the order of their keys, so that two groups never wait for each other. */
async function insertRecords(em: EntityManager, records: ReturnType<typeof recordOf>[]): Promise<void> {
  const rows = records
    .toSorted((one, other) => (one.keyHash < other.keyHash ? -1 : 1))
    .map(({ operation, keyHash, requestHash, answer, createdAt }) => ({
      operation,
      key_hash: keyHash,
      request_hash: requestHash,
      answer,
      created_at: createdAt,
    }))
  await kysely<typeof IdempotencyEntity>(em).insertInto('idempotency').values(rows).execute()
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
