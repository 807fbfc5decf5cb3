import { z } from 'zod'
import { Id, Instant } from './common.ts'
import { defineEvent } from './event.ts'

/** `version` counts the changes between these two users, so that a projection can ignore what is older than what it has. */
const Follow = z.object({ followerId: Id, followeeId: Id, version: z.int().positive(), at: Instant })

export const userFollowed = defineEvent('user.followed', 1, Follow)
export const userUnfollowed = defineEvent('user.unfollowed', 1, Follow)
