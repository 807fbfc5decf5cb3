import type { Role } from '@fanone/contracts'
import { column } from '@fanone/service-kit'
import { defineEntity, type InferEntity } from '@mikro-orm/core'

/** The credentials of a user. Shares its id with the user's profile. */
export const AccountEntity = defineEntity({
  name: 'Account',
  tableName: 'account',
  properties: {
    id: column.id().primary(),
    /**
     * See `usernameKey`: 32 code points, up to 18 each after NFKC. 2,400 bytes fit an InnoDB index.
     */
    usernameKey: column.text(600).unique('account_username_key'),
    /** Argon2id in PHC format. */
    passwordHash: column.ascii(200),
    createdAt: column.time(),
    /** Grows with every change of what one logs in with; see `SessionList.add`. */
    credentialsVersion: column.integer().default(1),
    role: column.optionalAscii(16).$type<Role | null>(),
    bannedAt: column.optionalTime(),
    /** Null for a ban that only an operator ends. */
    bannedUntil: column.optionalTime(),
    banReason: column.optionalText(500),
  },
  indexes: [
    { name: 'account_role', properties: ['role', 'id'] },
    { name: 'account_banned_until', properties: ['bannedUntil'] },
  ],
})
export type AccountRow = InferEntity<typeof AccountEntity>
