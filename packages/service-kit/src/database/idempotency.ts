import { createHash } from 'node:crypto'
import { ServiceError } from '../errors.ts'
import type { Identity } from '../identity.ts'
import type { Database, EntityManager } from './database.ts'
import { IdempotencyEntity } from './idempotency.entity.ts'

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
  // A key is its caller's: what others send under the same one is another call.
  const keyHash = sha256(JSON.stringify([call.identity?.userId ?? null, call.key]))
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
      await em.insert(IdempotencyEntity, {
        operation: call.operation,
        keyHash,
        requestHash,
        answer: JSON.stringify(answer),
        createdAt: new Date(),
      })
      return answer
    })
  } catch (error) {
    // Despite this failure the same key may have succeeded in another call; then its answer counts.
    const winner = await find()
    if (winner) return replay(winner)
    throw error
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
