import { columnsOf, type EntityManager, kysely } from '@fanone/service-kit'
import { PasskeyEntity, type PasskeyRow } from './passkey.entity.ts'

const table = (em: EntityManager) => kysely<typeof PasskeyEntity>(em)

/** A user's, the oldest first. */
export async function findPasskeys(em: EntityManager, userId: number): Promise<PasskeyRow[]> {
  const rows = await table(em)
    .selectFrom('passkey')
    .select(columnsOf(PasskeyEntity))
    .where('user_id', '=', userId)
    .orderBy('id')
    .execute()
  return rows.map(toRow)
}

export async function findByCredential(em: EntityManager, credentialId: string): Promise<PasskeyRow | undefined> {
  const row = await table(em)
    .selectFrom('passkey')
    .select(columnsOf(PasskeyEntity))
    .where('credential_id', '=', credentialId)
    .executeTakeFirst()
  return row && toRow(row)
}

export async function insertPasskey(em: EntityManager, passkey: PasskeyRow): Promise<void> {
  await em.insert(PasskeyEntity, passkey)
}

/** @returns whether the user has it */
export async function renamePasskey(
  em: EntityManager,
  { id, userId, name }: Pick<PasskeyRow, 'id' | 'userId' | 'name'>,
): Promise<PasskeyRow | undefined> {
  await table(em).updateTable('passkey').set({ name }).where('id', '=', id).where('user_id', '=', userId).execute()
  return (await findPasskeys(em, userId)).find((passkey) => passkey.id === id)
}

/** @returns whether it was there */
export async function deletePasskey(
  em: EntityManager,
  { id, userId }: { id: number; userId: number },
): Promise<boolean> {
  const { numDeletedRows } = await table(em)
    .deleteFrom('passkey')
    .where('id', '=', id)
    .where('user_id', '=', userId)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** Notes a use. @returns whether it is there, and no later use was noted */
export async function noteUse(
  em: EntityManager,
  { id, counter, isSynced, at }: Pick<PasskeyRow, 'id' | 'counter' | 'isSynced'> & { at: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await table(em)
    .updateTable('passkey')
    .set({ counter, is_synced: isSynced ? 1 : 0, last_used_at: at })
    .where('id', '=', id)
    .where(({ or, eb }) => or([eb('counter', '<', counter), eb('counter', '=', 0)]))
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

const toRow = (row: unknown): PasskeyRow => {
  const found = row as PasskeyRow
  return { ...found, isSynced: Boolean(found.isSynced) }
}
