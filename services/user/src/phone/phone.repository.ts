import { columnsOf, type EntityManager, kysely, ServiceError } from '@fanone/service-kit'
import { PhoneEntity, type PhoneRow } from './phone.entity.ts'

const table = (em: EntityManager) => kysely<typeof PhoneEntity>(em)

export async function findPhone(em: EntityManager, userId: number): Promise<PhoneRow | undefined> {
  return (await table(em)
    .selectFrom('phone')
    .select(columnsOf(PhoneEntity))
    .where('user_id', '=', userId)
    .executeTakeFirst()) as PhoneRow | undefined
}

/** Whose number it is; undefined for nobody's. */
export async function findOwner(em: EntityManager, numberIndex: string): Promise<number | undefined> {
  const row = await table(em)
    .selectFrom('phone')
    .select('user_id')
    .where('number_index', '=', numberIndex)
    .executeTakeFirst()
  return row?.user_id
}

/**
 * Joins a number to an account, in the place of an earlier one.
 *
 * @throws ServiceError `phone_taken` where it is another account's
 */
export async function putPhone(em: EntityManager, phone: PhoneRow): Promise<void> {
  const { userId, numberIndex, sealedNumber, keyVersion, joinedAt } = phone
  const number = {
    number_index: numberIndex,
    sealed_number: sealedNumber,
    key_version: keyVersion,
    joined_at: joinedAt,
  }
  if ((await findOwner(em, numberIndex)) === userId) return
  await deletePhone(em, userId)
  const { numInsertedOrUpdatedRows } = await table(em)
    .insertInto('phone')
    .ignore()
    .values({ user_id: userId, ...number })
    .executeTakeFirst()
  if (numInsertedOrUpdatedRows !== 1n) throw new ServiceError('phone_taken')
}

export async function deletePhone(em: EntityManager, userId: number): Promise<void> {
  await table(em).deleteFrom('phone').where('user_id', '=', userId).execute()
}

/** Numbers sealed with an older key than this. */
export async function findSealedBefore(em: EntityManager, keyVersion: number, limit: number): Promise<PhoneRow[]> {
  const rows = await table(em)
    .selectFrom('phone')
    .select(columnsOf(PhoneEntity))
    .where('key_version', '<', keyVersion)
    .limit(limit)
    .execute()
  return rows as PhoneRow[]
}

/** Puts the same number sealed anew in its place, unless it has been replaced meanwhile. */
export async function reseal(
  em: EntityManager,
  row: PhoneRow,
  { sealed, keyVersion }: { sealed: string; keyVersion: number },
): Promise<void> {
  await table(em)
    .updateTable('phone')
    .set({ sealed_number: sealed, key_version: keyVersion })
    .where('user_id', '=', row.userId)
    .where('sealed_number', '=', row.sealedNumber)
    .execute()
}
