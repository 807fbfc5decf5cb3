import { z } from 'zod'
import { Id } from '../../common.ts'
import { decimal } from '../parameters.ts'
import { rateLimits, route } from '../route.ts'
import { ById, IdList, Paging, page, V1User } from '../surfaces/v1.ts'

const listOf = (path: '/v1/users/{id}/following' | '/v1/users/{id}/followers', summary: string) =>
  route({
    method: 'GET',
    path,
    summary,
    tag: 'relations',
    access: 'optional',
    rateLimit: rateLimits.read,
    errors: ['malformed_cursor'],
  })
    .input(Paging.extend({ id: decimal(Id) }))
    .output(page(V1User))

/** Who follows whom. */
export const relations = {
  follow: route({
    method: 'PUT',
    path: '/v1/users/me/following/{id}',
    summary: 'Follow a user; following twice changes nothing',
    tag: 'relations',
    access: 'user',
    rateLimit: rateLimits.write,
    errors: ['user_not_found', 'cannot_follow_self'],
    successStatus: 204,
  })
    .input(ById)
    .output(z.void()),
  unfollow: route({
    method: 'DELETE',
    path: '/v1/users/me/following/{id}',
    summary: 'Unfollow a user; unfollowing twice changes nothing',
    tag: 'relations',
    access: 'user',
    rateLimit: rateLimits.write,
    successStatus: 204,
  })
    .input(ById)
    .output(z.void()),
  listFollowing: listOf('/v1/users/{id}/following', 'Whom a user follows, the latest first'),
  listFollowers: listOf('/v1/users/{id}/followers', 'Who follows a user, the latest first'),
  listFriends: route({
    method: 'GET',
    path: '/v1/users/me/friends',
    summary: 'Whom the caller follows and who follow back, the latest followed first',
    tag: 'relations',
    access: 'user',
    rateLimit: rateLimits.read,
    errors: ['malformed_cursor'],
  })
    .input(Paging)
    .output(page(V1User)),
  getFlags: route({
    method: 'GET',
    path: '/v1/follows',
    summary: 'How the caller and each of up to 100 users stand to each other',
    tag: 'relations',
    access: 'user',
    rateLimit: rateLimits.read,
  })
    .input(z.object({ userIds: IdList }))
    .output(
      z.object({ items: z.array(z.object({ userId: Id, isFollowing: z.boolean(), isFollowedBy: z.boolean() })) }),
    ),
}
