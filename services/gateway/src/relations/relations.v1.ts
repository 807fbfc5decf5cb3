import { v1Contract } from '@fanone/contracts/gateway'
import { requireIdentity } from '@fanone/service-kit'
import type { Client } from '../calls/client.ts'
import type { Flags } from '../presenter/flags.ts'
import type { Presenter } from '../presenter/presenter.ts'
import { routesOf } from '../routing/request-context.ts'
import { toV1User } from '../users/users.view.ts'

export function relationsV1({
  relation: { follows },
  flags,
  present,
}: {
  relation: Client<'relation'>
  flags: Flags
  present: Presenter
}) {
  const routes = routesOf(v1Contract.relations)
  const list = async (of: Parameters<typeof follows.list>[0]) => {
    const { items, nextCursor } = await follows.list(of)
    return { items: (await present.listedUsers(items)).map(toV1User), nextCursor }
  }
  return routes.router({
    follow: routes.follow.handler(async ({ input: { id: userId }, context }) => {
      await follows.follow({ userId }, { context: { identity: requireIdentity(context) } })
    }),
    unfollow: routes.unfollow.handler(async ({ input: { id: userId }, context }) => {
      await follows.unfollow({ userId }, { context: { identity: requireIdentity(context) } })
    }),
    listFollowing: routes.listFollowing.handler(({ input: { id: userId, ...page }, context: { identity } }) =>
      list({ list: 'following', userId, ...page, viewerId: identity?.userId }),
    ),
    listFollowers: routes.listFollowers.handler(({ input: { id: userId, ...page }, context: { identity } }) =>
      list({ list: 'followers', userId, ...page, viewerId: identity?.userId }),
    ),
    listFriends: routes.listFriends.handler(({ input: page, context }) => {
      const { userId } = requireIdentity(context)
      return list({ list: 'friends', userId, ...page, viewerId: userId })
    }),
    getFlags: routes.getFlags.handler(async ({ input, context }) => {
      const items = await flags.follows(requireIdentity(context), input.userIds)
      return {
        items: items.map(({ userId, following: isFollowing, followedBy: isFollowedBy }) => ({
          userId,
          isFollowing,
          isFollowedBy,
        })),
      }
    }),
  })
}
