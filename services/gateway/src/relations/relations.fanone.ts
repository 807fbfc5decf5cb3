import type { FollowList } from '@fanone/contracts'
import { fanoneContract } from '@fanone/contracts/gateway'
import { requireIdentity } from '@fanone/service-kit'
import type { Client } from '../calls/client.ts'
import type { Presenter } from '../presenter/presenter.ts'
import { routesOf } from '../routing/request-context.ts'
import { CompatError, compatCodes } from '../surfaces/compat/compat-codes.ts'
import { answer, done, toOffset } from '../surfaces/fanone/fanone.envelope.ts'
import { toFanoneSocialUser } from '../users/users.view.ts'

export function relationsFanone({
  relation: { follows },
  present,
}: {
  relation: Client<'relation'>
  present: Presenter
}) {
  const routes = routesOf(fanoneContract.relations)
  const pageOf = async (of: { list: FollowList; userId: number }, paging: Parameters<typeof toOffset>[0]) => {
    const { items, total } = await follows.page({ ...of, ...toOffset(paging) })
    const users = items.flatMap(({ user }) => user ?? [])
    return answer({ items: users.map((user) => toFanoneSocialUser(present.newUser(user))), total })
  }
  return routes.router({
    action: routes.action.handler(async ({ input: { to_user_id: userId, action_type: action }, context }) => {
      const call = { context: { identity: requireIdentity(context) } }
      const { changed } = await follows[action]({ userId }, call)
      if (!changed) throw refusals[action]()
      return done()
    }),
    following: routes.following.handler(({ input: { user_id: userId, ...paging } }) =>
      pageOf({ list: 'following', userId }, paging),
    ),
    followers: routes.followers.handler(({ input: { user_id: userId, ...paging } }) =>
      pageOf({ list: 'followers', userId }, paging),
    ),
    friends: routes.friends.handler(({ input, context }) =>
      pageOf({ list: 'friends', userId: requireIdentity(context).userId }, input),
    ),
  })
}

/** This API refuses what changes nothing. */
const refusals = {
  follow: () => new CompatError(compatCodes.alreadyFollowed, 'This user is followed already'),
  unfollow: () => new CompatError(compatCodes.notFollowed, 'This user is not followed'),
}
