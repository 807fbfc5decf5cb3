import { type EntityManager, ServiceError } from '@fanone/service-kit'
import { UniqueConstraintViolationException } from '@mikro-orm/core'
import { AccountEntity, type AccountRow } from './account.entity.ts'

export function findAccountById(em: EntityManager, id: number): Promise<AccountRow | null> {
  return em.findOne(AccountEntity, { id }, { disableIdentityMap: true })
}

export function findAccountByUsername(em: EntityManager, usernameKey: string): Promise<AccountRow | null> {
  return em.findOne(AccountEntity, { usernameKey }, { disableIdentityMap: true })
}

/**
 * Flushes at once, so that the second of two registrations of a name fails here.
 *
 * @throws ServiceError `username_taken`
 */
export async function insertAccount(em: EntityManager, account: AccountRow): Promise<void> {
  em.persist(em.create(AccountEntity, account))
  try {
    await em.flush()
  } catch (error) {
    if (error instanceof UniqueConstraintViolationException) throw new ServiceError('username_taken', { cause: error })
    throw error
  }
}
