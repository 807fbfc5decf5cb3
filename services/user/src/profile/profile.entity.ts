import { column } from '@fanone/service-kit'
import { defineEntity, type InferEntity, p } from '@mikro-orm/core'
import { AccountEntity } from '../account/account.entity.ts'

/** What anybody may see of a user. */
export const ProfileEntity = defineEntity({
  name: 'Profile',
  tableName: 'profile',
  properties: {
    /** The user's id: there is no profile without an account. */
    id: () =>
      p
        .oneToOne(AccountEntity)
        .mapToPk()
        .primary()
        .joinColumn('id')
        .foreignKeyName('profile_account')
        .deleteRule('restrict')
        .updateRule('restrict'),
    /** 32 code points, of which NFC can make 3 each. */
    username: column.text(100),
    name: column.text(100),
    avatarKey: column.optionalText(200),
    backgroundKey: column.optionalText(200),
    signature: column.text(200),
    /**
     * Starts at 1 and grows with every change; consumers of `user.updated` ignore older versions.
     */
    version: column.integer(),
    createdAt: column.time(),
    updatedAt: column.time(),
    /** Banned: for everybody else there is no such user. */
    isHidden: column.flag().default(false).ignoreSchemaChanges('default'),
  },
})
export type ProfileRow = InferEntity<typeof ProfileEntity>
