import { z } from 'zod'
import { AuditEntry, AuditQuery } from '../../audit.ts'
import { Id, Instant } from '../../common.ts'
import { ContentKind } from '../../content.ts'
import { AccountDetails, Reason } from '../../moderation.ts'
import { ReportDecision, ReportDetails, ReportKind, ReportState } from '../../report.ts'
import { decimal } from '../parameters.ts'
import { rateLimits, route } from '../route.ts'
import { ById, Paging, page } from '../surfaces/v1.ts'

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
  remove: route({
    ...ofOperators,
    method: 'POST',
    path: '/v1/ops/removals',
    summary: 'Remove content for good; open reports of it are decided by that',
    rateLimit: rateLimits.write,
    errors: ['video_not_found', 'comment_not_found', 'not_found'],
    successStatus: 204,
  })
    .input(z.object({ kind: ContentKind, id: Id, reason: Reason }))
    .output(z.void()),
  listReports: route({
    ...ofOperators,
    method: 'GET',
    path: '/v1/ops/reports',
    summary: 'Reports, the oldest first',
    rateLimit: rateLimits.read,
    errors: ['malformed_cursor'],
  })
    .input(
      Paging.extend({
        state: ReportState.default('open'),
        kind: ReportKind.optional(),
        authorId: decimal(Id).optional(),
      }),
    )
    .output(page(ReportDetails)),
  decide: route({
    ...ofOperators,
    method: 'PUT',
    path: '/v1/ops/reports/{id}/decision',
    summary: 'Decide all open reports of the same thing: leave it, remove it, or ban whose it is',
    rateLimit: rateLimits.write,
    errors: ['report_not_found', 'report_decided', 'user_not_found'],
  })
    .input(ById.extend({ decision: ReportDecision, reason: Reason, until: Instant.optional() }))
    .output(ReportDetails),
  listAudit: route({
    ...ofOperators,
    method: 'GET',
    path: '/v1/ops/audit',
    summary: 'What was done to accounts and content, the newest first',
    rateLimit: rateLimits.read,
    errors: ['malformed_cursor'],
  })
    .input(
      Paging.extend({
        ...AuditQuery.shape,
        userId: decimal(Id).optional(),
        actorId: decimal(Id).optional(),
      }),
    )
    .output(page(AuditEntry)),
}
