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
  },
})
export type AccountRow = InferEntity<typeof AccountEntity>
