import { z } from 'zod'
import { Cursor, Id, IdBatch, Instant, Limit, viewersOf } from './common.ts'
import { defineEvent } from './event.ts'
import { operation } from './operation.ts'

/** Whose list: those a user follows, those who follow them, or friends, who follow each other. */
export const FollowList = z.enum(['following', 'followers', 'friends'])
export type FollowList = z.infer<typeof FollowList>

/** How the viewer and another user stand to each other. */
export const FollowFlags = z.object({ userId: Id, following: z.boolean(), followedBy: z.boolean() })
export type FollowFlags = z.infer<typeof FollowFlags>

const FollowedUser = z.object({ userId: Id, followedAt: Instant })
const ChangeInput = z.object({ userId: Id })
/** Whether it was different before; a call that Dapr delivers twice answers what it answered first. */
const Changed = z.object({ changed: z.boolean() })

/** One follow. `version` counts the changes between these two users, so that a projection can ignore what is older than what it has. */
const Follow = z.object({ followerId: Id, followeeId: Id, version: z.int().positive(), at: Instant })

export const relationContract = {
  follows: {
    /** The caller follows a user from now on. Needs identity. Errors: `cannot_follow_self`, `user_not_found`. */
    follow: operation('follows.follow', { idempotency: 'keyed', input: ChangeInput, output: Changed }),
    /** Needs identity. A user who is not followed, or not there, changes nothing. */
    unfollow: operation('follows.unfollow', { idempotency: 'keyed', input: ChangeInput, output: Changed }),
    /** Newest first: by when the follow began; of friends by when the one whose list it is began. Errors: `malformed_cursor`. */
    list: operation('follows.list', {
      idempotency: 'safe',
      input: z.object({ list: FollowList, userId: Id, cursor: Cursor.optional(), limit: Limit }),
      output: z.object({ items: z.array(FollowedUser), nextCursor: Cursor.nullable() }),
    }),
    /** The same by offset and with the full count, for the APIs that page by number. */
    page: operation('follows.page', {
      idempotency: 'safe',
      input: z.object({ list: FollowList, userId: Id, offset: z.int().min(0), limit: Limit }),
      output: z.object({ items: z.array(FollowedUser), total: z.int() }),
    }),
    /**
     * How each of several viewers stands to each of these users, in the order of the viewers and in that asked, each user once: one call
     * can serve many requests.
     */
    flags: operation('follows.flags', {
      idempotency: 'safe',
      input: viewersOf({ otherIds: IdBatch }),
      output: z.object({ flags: z.array(z.array(FollowFlags)) }),
    }),
    /**
     * Every follow there is, ordered by follower and then followee, from behind a position (0 and 0 at first), for rebuilding projections.
     * What ended is left out.
     */
    walk: operation('follows.walk', {
      idempotency: 'safe',
      timeoutMs: 10_000,
      input: z.object({
        afterFollowerId: z.int().min(0),
        afterFolloweeId: z.int().min(0),
        limit: z.int().min(1).max(1_000),
      }),
      output: z.object({ items: z.array(Follow) }),
    }),
  },
}

export const userFollowed = defineEvent('user.followed', 1, Follow)
export const userUnfollowed = defineEvent('user.unfollowed', 1, Follow)
