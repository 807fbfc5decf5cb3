import type { FollowList } from '@fanone/contracts'
import { douyinContract } from '@fanone/contracts/gateway'
import { requireIdentity } from '@fanone/service-kit'
import type { Client } from '../calls/client.ts'
import type { Presenter, Viewer } from '../presenter/presenter.ts'
import { routesOf } from '../routing/request-context.ts'
import { allPages } from '../surfaces/douyin/all-pages.ts'
import { answer } from '../surfaces/douyin/douyin.envelope.ts'
import { toDouyinUser } from '../users/users.view.ts'

/** Until there is a chat nobody has sent anything. */
const noMessage = { message: '', msgType: 0 }

export function relationsDouyin({
  relation: { follows },
  present,
}: {
  relation: Client<'relation'>
  present: Presenter
}) {
  const routes = routesOf(douyinContract.relations)
  const listAll = async (of: { list: FollowList; userId: number }, viewer: Viewer) => {
    const found = await allPages((page) => follows.list({ ...of, ...page, viewerId: viewer?.userId }))
    return (await present.listedUsers(found)).map(toDouyinUser)
  }
  return routes.router({
    action: routes.action.handler(async ({ input: { to_user_id: userId, action_type: action }, context }) => {
      await follows[action]({ userId }, { context: { identity: requireIdentity(context) } })
      return answer({})
    }),
    following: routes.following.handler(async ({ input: { user_id: userId }, context }) =>
      answer({ user_list: await listAll({ list: 'following', userId }, context.identity) }),
    ),
    followers: routes.followers.handler(async ({ input: { user_id: userId }, context }) =>
      answer({ user_list: await listAll({ list: 'followers', userId }, context.identity) }),
    ),
    friends: routes.friends.handler(async ({ input: { user_id: userId }, context }) => {
      const friends = await listAll({ list: 'friends', userId }, context.identity)
      return answer({ user_list: friends.map((friend) => ({ ...friend, ...noMessage })) })
    }),
  })
}
