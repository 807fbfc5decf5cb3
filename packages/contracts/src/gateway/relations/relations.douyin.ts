import { z } from 'zod'
import { Id } from '../../common.ts'
import { actionType, floating } from '../parameters.ts'
import { rateLimits, route } from '../route.ts'
import { DouyinUser, status, token } from '../surfaces/douyin.ts'

/** A user with the last message between them and the caller: received (`msgType` 0) or sent (1). */
const FriendUser = DouyinUser.extend({ message: z.string(), msgType: z.int() })
export type DouyinFriendUser = z.infer<typeof FriendUser>

const listOf = <User extends z.ZodType>(
  options: {
    path: '/douyin/relation/follow/list/' | '/douyin/relation/follower/list/' | '/douyin/relation/friend/list/'
    summary: string
  },
  user: User,
) =>
  route({ method: 'GET', ...options, tag: 'Douyin', access: 'user', rateLimit: rateLimits.read })
    .input(z.object({ user_id: floating(Id), token }))
    .output(z.object({ ...status, user_list: z.array(user) }))

/** Douyin 11 to 14. */
export const relations = {
  action: route({
    method: 'POST',
    path: '/douyin/relation/action/',
    summary: 'Follow (action_type 1) or unfollow (2) a user; parameters in query or form',
    tag: 'Douyin',
    access: 'user',
    rateLimit: rateLimits.write,
  })
    .input(z.object({ token, to_user_id: floating(Id), action_type: actionType({ '1': 'follow', '2': 'unfollow' }) }))
    .output(z.object(status)),
  following: listOf(
    { path: '/douyin/relation/follow/list/', summary: 'All whom a user follows, the latest first' },
    DouyinUser,
  ),
  followers: listOf(
    { path: '/douyin/relation/follower/list/', summary: 'All who follow a user, the latest first' },
    DouyinUser,
  ),
  friends: listOf(
    { path: '/douyin/relation/friend/list/', summary: 'All whom a user follows and who follow back' },
    FriendUser,
  ),
}
