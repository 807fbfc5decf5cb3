import { defineEntity } from '@mikro-orm/core'
import { column } from '../database/columns.ts'

/** A user as the user service tells of them; see `KnownUsers`. */
export const KnownUserEntity = defineEntity({
  name: 'KnownUser',
  tableName: 'known_user',
  properties: {
    id: column.id().primary(),
    /** Of the profile. */
    version: column.integer(),
    username: column.text(100),
    name: column.text(100),
    avatarKey: column.optionalText(200),
    backgroundKey: column.optionalText(200),
    signature: column.text(200),
    createdAt: column.time(),
    updatedAt: column.time(),
    /** Banned: neither they nor what is theirs is shown. */
    isHidden: column.flag().default(false).ignoreSchemaChanges('default'),
  },
  indexes: [{ name: 'known_user_hidden', properties: ['isHidden', 'id'] }],
})
