import { createHash } from 'node:crypto'
import { ServiceError } from '../errors.ts'
import type { Database, EntityManager } from './database.ts'
import { IdempotencyEntity } from './idempotency.entity.ts'

/**
 * Runs a keyed operation once: the answer is stored in the transaction of the effect and given again to whoever comes with the
 * same key. Without a key it simply runs.
 *
 * @throws ServiceError `idempotency_key_reused` when the key came with another input before
 */
export async function runOnce<Answer>(
  database: Database,
  call: { operation: string; key: string | undefined; input: unknown },
  work: (em: EntityManager) => Promise<Answer>,
): Promise<Answer> {
  if (call.key === undefined) return database.transaction(work)
  const keyHash = sha256(call.key)
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
      em.persist(
        em.create(IdempotencyEntity, {
          operation: call.operation,
          keyHash,
          requestHash,
          answer: JSON.stringify(answer),
          createdAt: new Date(),
        }),
      )
      return answer
    })
  } catch (error) {
    // Whatever failed here, the same key may have succeeded beside us: then its answer is the answer.
    const winner = await find()
    if (winner) return replay(winner)
    throw error
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
