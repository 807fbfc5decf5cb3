import type { FollowList } from '@fanone/contracts'
import { douyinContract } from '@fanone/contracts/gateway'
import { type Identity, requireIdentity } from '@fanone/service-kit'
import { implement } from '@orpc/server'
import { answer, toDouyinUser } from '../douyin/douyin.views.ts'
import type { Admission, RouteContext } from '../http/admission.ts'
import { guard, type Services } from '../http/surface.ts'

/** Until there is a chat nobody has sent anything. */
const noMessage = { message: '', msgType: 0 }

/** The handlers of Douyin 11 to 14. */
export function douyinRelation(admission: Admission, { relations, users, counters, mediaUrl }: Services) {
  const api = implement(douyinContract.relation).$context<RouteContext>().use(guard(admission))
  const listAll = async (of: { list: FollowList; userId: number }, viewer: Identity) => {
    const userIds = await relations.listAll(of)
    const [profiles, followed] = await Promise.all([
      users.getEach(userIds).then((found) => counters.onUsers(found)),
      relations.followedBy(viewer, userIds),
    ])
    return profiles.map((profile) => toDouyinUser(profile, mediaUrl, followed))
  }
  return {
    action: api.action.handler(async ({ input: { to_user_id: userId, action_type: action }, context }) => {
      const identity = requireIdentity(context)
      if (action === 'follow') await relations.follow(identity, userId)
      else await relations.unfollow(identity, userId)
      return answer({})
    }),
    following: api.following.handler(async ({ input, context }) =>
      answer({ user_list: await listAll({ list: 'following', userId: input.user_id }, requireIdentity(context)) }),
    ),
    followers: api.followers.handler(async ({ input, context }) =>
      answer({ user_list: await listAll({ list: 'followers', userId: input.user_id }, requireIdentity(context)) }),
    ),
    friends: api.friends.handler(async ({ input, context }) => {
      const friends = await listAll({ list: 'friends', userId: input.user_id }, requireIdentity(context))
      return answer({ user_list: friends.map((friend) => ({ ...friend, ...noMessage })) })
    }),
  }
}
