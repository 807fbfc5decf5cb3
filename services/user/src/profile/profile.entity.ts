import { defineEntity, type InferEntity, p } from '@mikro-orm/core'

/** What anybody may see of a user. The id is the user's id. */
export const Profile = defineEntity({
  name: 'Profile',
  tableName: 'profile',
  properties: {
    id: p.bigint('number').primary(),
    username: p.string().length(100),
    name: p.string().length(100),
    avatarKey: p.string().length(200).nullable(),
    backgroundKey: p.string().length(200).nullable(),
    signature: p.string().length(200),
    /** 1 at first, one more with every change; receivers of `user.updated` ignore what is older than what they have. */
    version: p.integer().unsigned(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
  },
})
export type Profile = InferEntity<typeof Profile>
