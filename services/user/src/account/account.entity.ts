import { defineEntity, type InferEntity, p } from '@mikro-orm/core'

/** What somebody logs in with. Shares its id with the profile of the same user. */
export const Account = defineEntity({
  name: 'Account',
  tableName: 'account',
  properties: {
    id: p.bigint('number').primary(),
    /** See `usernameKey`; unique. */
    usernameKey: p.string().length(600),
    /** Argon2id in PHC format. */
    passwordHash: p.string().length(200),
    createdAt: p.datetime(3),
  },
})
export type Account = InferEntity<typeof Account>
