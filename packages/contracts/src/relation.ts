import { z } from 'zod'
import { Cursor, Id, IdBatch, Instant, Limit, ListLimit } from './common.ts'
import { Profile } from './credentials.ts'
import { defineEvent } from './event.ts'
import { operation } from './operation.ts'

/** Kind of list: users that a user follows, followers, or friends, who follow each other. */
export const FollowList = z.enum(['following', 'followers', 'friends'])
export type FollowList = z.infer<typeof FollowList>

/** How the viewer and another user stand to each other. */
export const FollowFlags = z.object({ userId: Id, following: z.boolean(), followedBy: z.boolean() })
export type FollowFlags = z.infer<typeof FollowFlags>

/**
 * An entry of a list. `user` is null for who does not exist or cannot be asked for; `isFollowing`
 * tells whether the viewer follows them.
 */
const ListedUser = z.object({ userId: Id, followedAt: Instant, user: Profile.nullable(), isFollowing: z.boolean() })
export type ListedUser = z.infer<typeof ListedUser>

/** Whose list, and who looks at it; without a viewer nobody is followed. */
const Listing = z.object({ list: FollowList, userId: Id, viewerId: Id.optional() })
const ChangeInput = z.object({ userId: Id })
/** Whether anything changed; a repeated call gets the first answer. */
const Changed = z.object({ changed: z.boolean() })

/**
 * One follow. `version` counts the changes of this pair, so that projections can ignore old states.
 */
const Follow = z.object({ followerId: Id, followeeId: Id, version: z.int().positive(), at: Instant })

export const relationContract = {
  follows: {
    /**
     * Makes the caller follow a user. Needs identity. Errors: `cannot_follow_self`,
     * `user_not_found`.
     */
    follow: operation('follows.follow', { idempotency: 'keyed', input: ChangeInput, output: Changed }),
    /** Needs identity. Changes nothing for users that are not followed or do not exist. */
    unfollow: operation('follows.unfollow', { idempotency: 'keyed', input: ChangeInput, output: Changed }),
    /**
     * Newest follow first; for friends the follow by the owner of the list counts. Errors:
     * `malformed_cursor`.
     */
    list: operation('follows.list', {
      idempotency: 'safe',
      input: Listing.extend({ cursor: Cursor.optional(), limit: ListLimit }),
      output: z.object({ items: z.array(ListedUser), nextCursor: Cursor.nullable() }),
    }),
    /** The same by offset and with the full count, for the APIs that page by number. */
    page: operation('follows.page', {
      idempotency: 'safe',
      input: Listing.extend({ offset: z.int().min(0), limit: Limit }),
      output: z.object({ items: z.array(ListedUser), total: z.int() }),
    }),
    /** Whom of these a user follows, each once. */
    followed: operation('follows.followed', {
      idempotency: 'safe',
      input: z.object({ userId: Id, otherIds: IdBatch }),
      output: z.object({ followed: z.array(Id) }),
    }),
    /** How a user stands to others, each once, in the order asked. */
    flags: operation('follows.flags', {
      idempotency: 'safe',
      input: z.object({ userId: Id, otherIds: IdBatch }),
      output: z.object({ flags: z.array(FollowFlags) }),
    }),
    /**
     * All present follows, ordered by follower and followee, after a position (first 0 and 0), for
     * rebuilding projections.
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

/**
 * Follows are ordered by follower and followee: of one follow the last word holds, while whom else
 * somebody follows has nothing to do with it.
 */
const byFollow = { orderedBy: ({ followerId, followeeId }: z.infer<typeof Follow>) => `${followerId}:${followeeId}` }

export const userFollowed = defineEvent('user.followed', 1, Follow, byFollow)
export const userUnfollowed = defineEvent('user.unfollowed', 1, Follow, byFollow)
