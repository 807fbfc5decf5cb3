import { type Db, type EntityManager, kysely, type Param, prepare, ServiceError } from '@fanone/service-kit'
import { LockMode, UniqueConstraintViolationException } from '@mikro-orm/core'
import { AccountEntity, type AccountRow } from './account.entity.ts'

export type Credentials = Pick<
  AccountRow,
  'id' | 'passwordHash' | 'credentialsVersion' | 'bannedAt' | 'bannedUntil' | 'banReason'
>

export function findAccountById(em: EntityManager, id: number): Promise<AccountRow | null> {
  return em.findOne(AccountEntity, { id }, { disableIdentityMap: true })
}

/** Reads and locks an account, so that changes of its credentials have an order. */
export function lockAccount(em: EntityManager, id: number): Promise<AccountRow | null> {
  return em.findOne(AccountEntity, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE })
}

/** What an account begins with. */
export type NewAccount = Pick<AccountRow, 'id' | 'usernameKey' | 'passwordHash' | 'createdAt' | 'credentialsVersion'>

/** What a password is compared with. */
export async function findAccountByUsername(em: EntityManager, usernameKey: string): Promise<Credentials | null> {
  const { rows } = await findCredentials(em, { usernameKey })
  return rows[0] ?? null
}

/**
 * Flushes at once, so that the second of two registrations of a name fails here.
 *
 * @throws ServiceError `username_taken`
 */
export async function insertAccount(em: EntityManager, account: NewAccount): Promise<void> {
  em.persist(em.create(AccountEntity, account))
  try {
    await em.flush()
  } catch (error) {
    if (error instanceof UniqueConstraintViolationException) throw new ServiceError('username_taken', { cause: error })
    throw error
  }
}

/** Users whose bans are over. */
export async function findEndedBans(
  em: EntityManager,
  { now, limit }: { now: Date; limit: number },
): Promise<number[]> {
  const rows = await kysely<typeof AccountEntity>(em)
    .selectFrom('account')
    .select('id')
    .where('banned_until', '<=', now)
    .orderBy('banned_until')
    .limit(limit)
    .execute()
  return rows.map(({ id }) => id)
}

const findCredentials = prepare((db: Db<typeof AccountEntity>, param: Param<{ usernameKey: string }>) =>
  db
    .selectFrom('account')
    .select([
      'id',
      'password_hash as passwordHash',
      'credentials_version as credentialsVersion',
      'banned_at as bannedAt',
      'banned_until as bannedUntil',
      'ban_reason as banReason',
    ])
    .where(
      'username_key',
      '=',
      param(({ usernameKey }) => usernameKey),
    ),
)
