import type { FollowList } from '@fanone/contracts'
import { v1Contract } from '@fanone/contracts/gateway'
import { type Identity, requireIdentity } from '@fanone/service-kit'
import { implement } from '@orpc/server'
import type { Admission, RouteContext } from '../http/admission.ts'
import { guard, type Services } from '../http/surface.ts'
import { toV1User } from '../v1/v1.views.ts'

/** The handlers of the native API about who follows whom. */
export function v1Relations(admission: Admission, { relations, users, counters, mediaUrl }: Services) {
  const api = implement(v1Contract.relations).$context<RouteContext>().use(guard(admission))
  const pageOf = async (
    of: { list: FollowList; userId: number; cursor?: string | undefined; limit: number },
    viewer: Identity | undefined,
  ) => {
    const { userIds, nextCursor } = await relations.list(of)
    const [profiles, followed] = await Promise.all([
      users.getEach(userIds).then((found) => counters.onUsers(found)),
      relations.followedBy(viewer, userIds),
    ])
    return { items: profiles.map((profile) => toV1User(profile, mediaUrl, followed)), nextCursor }
  }
  return {
    follow: api.follow.handler(async ({ input, context }) => {
      await relations.follow(requireIdentity(context), input.id)
    }),
    unfollow: api.unfollow.handler(async ({ input, context }) => {
      await relations.unfollow(requireIdentity(context), input.id)
    }),
    listFollowing: api.listFollowing.handler(({ input: { id, ...page }, context }) =>
      pageOf({ list: 'following', userId: id, ...page }, context.identity),
    ),
    listFollowers: api.listFollowers.handler(({ input: { id, ...page }, context }) =>
      pageOf({ list: 'followers', userId: id, ...page }, context.identity),
    ),
    listFriends: api.listFriends.handler(({ input, context }) => {
      const viewer = requireIdentity(context)
      return pageOf({ list: 'friends', userId: viewer.userId, ...input }, viewer)
    }),
    getFlags: api.getFlags.handler(async ({ input, context }) => {
      const flags = await relations.flags(requireIdentity(context), input.userIds)
      return {
        items: flags.map(({ userId, following, followedBy }) => ({
          userId,
          isFollowing: following,
          isFollowedBy: followedBy,
        })),
      }
    }),
  }
}
