import { type EntityManager, ServiceError } from '@fanone/service-kit'
import type { PasswordHasher } from '../password/password-hasher.ts'
import { findAccountById } from './account.repository.ts'

/**
 * A repeat of a call that set a password must bring the same one.
 *
 * @returns the version of the credentials that were checked
 * @throws ServiceError `idempotency_key_reused`, `too_many_requests`
 */
export async function requireSamePassword(
  { em, hasher }: { em: EntityManager; hasher: Pick<PasswordHasher, 'verify'> },
  { userId, password, signal }: { userId: number; password: string; signal: AbortSignal | undefined },
): Promise<number> {
  const account = await findAccountById(em, userId)
  const fits = await hasher.verify(account?.passwordHash, password, signal)
  if (!account || !fits) throw new ServiceError('idempotency_key_reused')
  return account.credentialsVersion
}
