import type { FollowList } from '@fanone/contracts'
import { fanoneContract } from '@fanone/contracts/gateway'
import { requireIdentity } from '@fanone/service-kit'
import { implement } from '@orpc/server'
import { CompatError, compatCodes } from '../compat/compat-codes.ts'
import { answer, done, toFanoneSocialUser } from '../fanone/fanone.views.ts'
import type { Admission, RouteContext } from '../http/admission.ts'
import { guard, type Services } from '../http/surface.ts'

const PAGE_SIZE = 20

/** The handlers of FanOne 18 to 21. */
export function fanoneRelation(admission: Admission, { relations, users, mediaUrl }: Services) {
  const api = implement(fanoneContract.relation).$context<RouteContext>().use(guard(admission))
  const pageOf = async (
    of: { list: FollowList; userId: number },
    paging: { page_num?: number | undefined; page_size?: number | undefined },
  ) => {
    const { page_num: number = 0, page_size: limit = PAGE_SIZE } = paging
    const { userIds, total } = await relations.page({ ...of, offset: number * limit, limit })
    const profiles = await users.getEach(userIds)
    return answer({ items: profiles.map((profile) => toFanoneSocialUser(profile, mediaUrl)), total })
  }
  return {
    action: api.action.handler(async ({ input: { to_user_id: userId, action_type: action }, context }) => {
      const identity = requireIdentity(context)
      if (action === 'follow') {
        if (!(await relations.follow(identity, userId)))
          throw new CompatError(compatCodes.alreadyFollowed, 'This user is followed already')
      } else if (!(await relations.unfollow(identity, userId)))
        throw new CompatError(compatCodes.notFollowed, 'This user is not followed')
      return done()
    }),
    following: api.following.handler(({ input: { user_id: userId, ...paging } }) =>
      pageOf({ list: 'following', userId }, paging),
    ),
    followers: api.followers.handler(({ input: { user_id: userId, ...paging } }) =>
      pageOf({ list: 'followers', userId }, paging),
    ),
    friends: api.friends.handler(({ input, context }) =>
      pageOf({ list: 'friends', userId: requireIdentity(context).userId }, input),
    ),
  }
}
