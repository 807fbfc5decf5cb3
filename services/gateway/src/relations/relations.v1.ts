import { v1Contract } from '@fanone/contracts/gateway'
import { requireIdentity } from '@fanone/service-kit'
import type { Client } from '../calls/client.ts'
import type { Flags } from '../presenter/flags.ts'
import type { Presenter, Viewer } from '../presenter/presenter.ts'
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
  const show = async (page: Awaited<ReturnType<typeof follows.list>>, viewer: Viewer) => {
    const ids = page.items.map(({ userId }) => userId)
    return { items: (await present.usersById(ids, viewer)).map(toV1User), nextCursor: page.nextCursor }
  }
  return routes.router({
    follow: routes.follow.handler(async ({ input: { id: userId }, context }) => {
      await follows.follow({ userId }, { context: { identity: requireIdentity(context) } })
    }),
    unfollow: routes.unfollow.handler(async ({ input: { id: userId }, context }) => {
      await follows.unfollow({ userId }, { context: { identity: requireIdentity(context) } })
    }),
    listFollowing: routes.listFollowing.handler(async ({ input: { id: userId, ...page }, context }) =>
      show(await follows.list({ list: 'following', userId, ...page }), context.identity),
    ),
    listFollowers: routes.listFollowers.handler(async ({ input: { id: userId, ...page }, context }) =>
      show(await follows.list({ list: 'followers', userId, ...page }), context.identity),
    ),
    listFriends: routes.listFriends.handler(async ({ input, context }) => {
      const viewer = requireIdentity(context)
      return show(await follows.list({ list: 'friends', userId: viewer.userId, ...input }), viewer)
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
