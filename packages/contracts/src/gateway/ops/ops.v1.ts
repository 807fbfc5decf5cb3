import { z } from 'zod'
import { Instant } from '../../common.ts'
import { AccountDetails, Reason } from '../../moderation.ts'
import { rateLimits, route } from '../route.ts'
import { ById } from '../surfaces/v1.ts'

const ofOperators = { tag: 'ops', access: 'operator' } as const

/** What operators do. Every path begins with `/v1/ops`. */
export const ops = {
  findUsers: route({
    ...ofOperators,
    method: 'GET',
    path: '/v1/ops/users',
    summary: 'The account with this user name, banned or not',
    rateLimit: rateLimits.read,
  })
    .input(z.object({ username: z.string().min(1).max(200) }))
    .output(z.object({ items: z.array(AccountDetails) })),
  getUser: route({
    ...ofOperators,
    method: 'GET',
    path: '/v1/ops/users/{id}',
    summary: 'One account, banned or not',
    rateLimit: rateLimits.read,
    errors: ['user_not_found'],
  })
    .input(ById)
    .output(AccountDetails),
  ban: route({
    ...ofOperators,
    method: 'PUT',
    path: '/v1/ops/users/{id}/ban',
    summary: 'Ban a user, or change why and until when: sessions end within 5 seconds, and what is theirs is hidden',
    rateLimit: rateLimits.write,
    errors: ['user_not_found'],
  })
    .input(ById.extend({ reason: Reason, until: Instant.optional() }))
    .output(AccountDetails),
  unban: route({
    ...ofOperators,
    method: 'DELETE',
    path: '/v1/ops/users/{id}/ban',
    summary: 'Lift a ban: the user may log in, and what is theirs is shown again',
    rateLimit: rateLimits.write,
    errors: ['user_not_found'],
  })
    .input(ById.extend({ reason: Reason }))
    .output(AccountDetails),
}
