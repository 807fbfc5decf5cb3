import { z } from 'zod'
import { Id } from '../../common.ts'
import { actionType, decimal } from '../parameters.ts'
import { rateLimits, route } from '../route.ts'
import { empty, envelope, id, Paging } from '../surfaces/fanone.ts'

const SocialUser = z.object({ id, username: z.string(), avatar_url: z.string() })
export type FanoneSocialUser = z.infer<typeof SocialUser>

const Users = envelope(z.object({ items: z.array(SocialUser), total: z.int() }))

const listOf = (path: '/following/list' | '/follower/list', summary: string) =>
  route({ method: 'GET', path, summary, tag: 'FanOne', access: 'public', rateLimit: rateLimits.read })
    .input(Paging.extend({ user_id: decimal(Id) }))
    .output(Users)

/** FanOne 18 to 21. */
export const relations = {
  action: route({
    method: 'POST',
    path: '/relation/action',
    summary: 'Follow (action_type 0) or unfollow (1, or 2) a user',
    tag: 'FanOne',
    access: 'user',
    rateLimit: rateLimits.write,
  })
    .input(
      z.object({
        to_user_id: decimal(Id),
        action_type: actionType({ '0': 'follow', '1': 'unfollow', '2': 'unfollow' }),
      }),
    )
    .output(empty),
  following: listOf('/following/list', 'Whom a user follows, the latest first; pages count from 0'),
  followers: listOf('/follower/list', 'Who follows a user, the latest first; pages count from 0'),
  friends: route({
    method: 'GET',
    path: '/friends/list',
    summary: 'Whom the caller follows and who follow back; pages count from 0',
    tag: 'FanOne',
    access: 'user',
    rateLimit: rateLimits.read,
  })
    .input(Paging)
    .output(Users),
}
