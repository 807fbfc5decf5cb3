import { columnsOf, type EntityManager, kysely, sql } from '@fanone/service-kit'
import { hashSecret } from '../session/refresh-token.ts'
import { readRecoveryCode } from './recovery-codes.ts'
import { type RecoveryCodeEntity, TotpEntity, type TotpRow } from './totp.entity.ts'

/** Codes that may be tried in a quarter of an hour. */
const MAX_ATTEMPTS = 10
export const ATTEMPTS_MS = 15 * 60_000

const tables = (em: EntityManager) => kysely<typeof TotpEntity | typeof RecoveryCodeEntity>(em)

export async function findTotp(em: EntityManager, userId: number): Promise<TotpRow | undefined> {
  const row = await tables(em)
    .selectFrom('totp')
    .select(columnsOf(TotpEntity))
    .where('user_id', '=', userId)
    .executeTakeFirst()
  return row as TotpRow | undefined
}

/** Puts a pending secret in the place of an earlier one. */
export async function putPending(
  em: EntityManager,
  pending: Pick<TotpRow, 'userId' | 'sealedSecret' | 'keyVersion' | 'issuedAt'>,
): Promise<void> {
  const { userId, sealedSecret, keyVersion, issuedAt } = pending
  const secret = { sealed_secret: sealedSecret, key_version: keyVersion, issued_at: issuedAt }
  const unused = { bound_at: null, last_step: 0, attempts: 0, attempts_since: issuedAt }
  await tables(em)
    .insertInto('totp')
    .values({ user_id: userId, ...secret, ...unused })
    .onDuplicateKeyUpdate(secret)
    .execute()
}

export async function markBound(em: EntityManager, userId: number, bound: { at: Date; step: number }): Promise<void> {
  const changes = { bound_at: bound.at, last_step: bound.step }
  await tables(em).updateTable('totp').set(changes).where('user_id', '=', userId).execute()
}

export async function deleteTotp(em: EntityManager, userId: number): Promise<void> {
  await tables(em).deleteFrom('totp').where('user_id', '=', userId).execute()
  await tables(em).deleteFrom('recovery_code').where('user_id', '=', userId).execute()
}

/**
 * Counts one more try of a code, before it is looked at: many at once are not more.
 *
 * @returns false where there were too many
 */
export async function countAttempt(em: EntityManager, userId: number, now: Date): Promise<boolean> {
  const since = new Date(now.getTime() - ATTEMPTS_MS)
  const isNewWindow = sql`attempts_since < ${since}`
  const { numUpdatedRows } = await tables(em)
    .updateTable('totp')
    // In this order: MySQL assigns from left to right.
    .set({
      attempts: sql`case when ${isNewWindow} then 1 else attempts + 1 end`,
      attempts_since: sql`case when ${isNewWindow} then ${now} else attempts_since end`,
    })
    .where('user_id', '=', userId)
    .where(({ or, eb }) => or([eb('attempts', '<', MAX_ATTEMPTS), eb('attempts_since', '<', since)]))
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Uses up a time step; of many at once one does. @returns whether it was unused */
export async function spendStep(em: EntityManager, userId: number, step: number): Promise<boolean> {
  const { numUpdatedRows } = await tables(em)
    .updateTable('totp')
    .set({ last_step: step, attempts: 0 })
    .where('user_id', '=', userId)
    .where('bound_at', 'is not', null)
    .where('last_step', '<', step)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Uses up a recovery code; of many at once one does. @returns whether it was an unused one */
export async function spendRecoveryCode(em: EntityManager, userId: number, code: string, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await tables(em)
    .updateTable('recovery_code')
    .set({ used_at: now })
    .where('user_id', '=', userId)
    .where('code_hash', '=', hashSecret(code))
    .where('used_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

export async function replaceRecoveryCodes(em: EntityManager, userId: number, codes: string[]): Promise<void> {
  await tables(em).deleteFrom('recovery_code').where('user_id', '=', userId).execute()
  const rows = codes.map((code) => ({ user_id: userId, code_hash: hashOf(code), used_at: null }))
  await tables(em).insertInto('recovery_code').values(rows).execute()
}

/** Whether these codes, used or not, are the user's. */
export async function hasRecoveryCodes(em: EntityManager, userId: number, codes: string[]): Promise<boolean> {
  const rows = await tables(em)
    .selectFrom('recovery_code')
    .select('code_hash')
    .where('user_id', '=', userId)
    .where('code_hash', 'in', codes.map(hashOf))
    .execute()
  return rows.length === codes.length
}

export async function countRecoveryCodes(em: EntityManager, userId: number): Promise<number> {
  const rows = await tables(em)
    .selectFrom('recovery_code')
    .select('code_hash')
    .where('user_id', '=', userId)
    .where('used_at', 'is', null)
    .execute()
  return rows.length
}

/** Secrets sealed with an older key than this. */
export async function findSealedBefore(em: EntityManager, keyVersion: number, limit: number): Promise<TotpRow[]> {
  const rows = await tables(em)
    .selectFrom('totp')
    .select(columnsOf(TotpEntity))
    .where('key_version', '<', keyVersion)
    .limit(limit)
    .execute()
  return rows as TotpRow[]
}

/** Puts the same secret sealed anew in its place, unless it has been replaced meanwhile. */
export async function reseal(
  em: EntityManager,
  row: TotpRow,
  sealed: { sealed: string; keyVersion: number },
): Promise<void> {
  await tables(em)
    .updateTable('totp')
    .set({ sealed_secret: sealed.sealed, key_version: sealed.keyVersion })
    .where('user_id', '=', row.userId)
    .where('sealed_secret', '=', row.sealedSecret)
    .execute()
}

const hashOf = (code: string) => hashSecret(readRecoveryCode(code) ?? '')
