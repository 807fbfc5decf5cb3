import { type EntityManager, ServiceError } from '@fanone/service-kit'
import { UniqueConstraintViolationException } from '@mikro-orm/core'
import { Account } from './account.entity.ts'

export function findAccountById(em: EntityManager, id: number): Promise<Account | null> {
  return em.findOne(Account, { id })
}

export function findAccountByUsername(em: EntityManager, usernameKey: string): Promise<Account | null> {
  return em.findOne(Account, { usernameKey })
}

/** Inserts at once, so that of two who want the same name one fails here. @throws ServiceError `username_taken` */
export async function insertAccount(em: EntityManager, account: Account): Promise<void> {
  em.persist(em.create(Account, account))
  try {
    await em.flush()
  } catch (error) {
    if (error instanceof UniqueConstraintViolationException) throw new ServiceError('username_taken', { cause: error })
    throw error
  }
}
