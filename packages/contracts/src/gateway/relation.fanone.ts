import { z } from 'zod'
import { Id, Limit } from '../common.ts'
import { empty, envelope, id } from './fanone.models.ts'
import { actionType, blankable, decimal } from './parameters.ts'
import { rateLimits, route } from './route.ts'

const SocialUser = z.object({ id, username: z.string(), avatar_url: z.string() })
export type FanoneSocialUser = z.infer<typeof SocialUser>

const Paging = z.object({
  page_num: blankable(decimal(z.int().min(0).max(1_000_000))),
  page_size: blankable(decimal(Limit)),
})
const Users = envelope(z.object({ items: z.array(SocialUser), total: z.int() }))

const listOf = (path: '/following/list' | '/follower/list', summary: string) =>
  route({ method: 'GET', path, summary, tag: 'FanOne', access: 'public', rateLimit: rateLimits.read })
    .input(Paging.extend({ user_id: decimal(Id) }))
    .output(Users)

/** FanOne 18 to 21. */
export const relation = {
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
