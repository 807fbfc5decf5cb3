import type { Expression } from 'kysely'
import { expressionsOver } from '../database/kysely.ts'
import type { KnownUserEntity } from './known-user.entity.ts'

/**
 * The condition that a user is not hidden, by one look-up of the primary key. A user who is not
 * known yet is shown.
 */
export function isShown(userId: number | Expression<number>) {
  const { exists, not, selectFrom } = expressionsOver<typeof KnownUserEntity>()
  const hidden = selectFrom('known_user as hidden').where('hidden.id', '=', userId).where('hidden.is_hidden', '=', 1)
  return not(exists(hidden.select('hidden.id')))
}

/** The same of the user that a statement has joined as `known_user`. */
export function isJoinedShown() {
  const eb = expressionsOver<typeof KnownUserEntity, 'known_user'>()
  return eb.or([eb('known_user.is_hidden', 'is', null), eb('known_user.is_hidden', '=', 0)])
}
