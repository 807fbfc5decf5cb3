import { v1Contract } from '@fanone/contracts/gateway'
import { requireOperator, ServiceError } from '@fanone/service-kit'
import type { Client } from '../calls/client.ts'
import { originOf } from '../http/session-origin.ts'
import type { Lookups } from '../presenter/lookups.ts'
import type { Targets } from '../presenter/targets.ts'
import { type RequestContext, routesOf } from '../routing/request-context.ts'

export function opsV1({ user, lookups, targets }: { user: Client<'user'>; lookups: Lookups; targets: Targets }) {
  const routes = routesOf(v1Contract.ops)
  const asOperator = (context: RequestContext) => ({ context: { identity: requireOperator(context) } })
  return routes.router({
    findUsers: routes.findUsers.handler(({ input, context }) => user.bans.find(input, asOperator(context))),
    getUser: routes.getUser.handler(async ({ input: { id }, context }) => {
      const { items } = await user.bans.find({ id }, asOperator(context))
      const [found] = items
      if (!found) throw new ServiceError('user_not_found')
      return found
    }),
    ban: routes.ban.handler(async ({ input: { id: userId, ...act }, context }) => {
      const origin = originOf(context.request)
      const banned = await user.bans.put({ userId, ...act, origin }, asOperator(context))
      lookups.noteChange({ userId })
      return banned
    }),
    unban: routes.unban.handler(async ({ input: { id: userId, reason }, context }) => {
      const origin = originOf(context.request)
      const lifted = await user.bans.lift({ userId, reason, origin }, asOperator(context))
      lookups.noteChange({ userId })
      return lifted
    }),
    remove: routes.remove.handler(async ({ input: { kind, id, reason }, context }) => {
      const target = await targets.require(kind, id)
      await user.removals.create({ target, reason, origin: originOf(context.request) }, asOperator(context))
    }),
    listReports: routes.listReports.handler(({ input, context }) => user.reports.list(input, asOperator(context))),
    decide: routes.decide.handler(({ input, context }) =>
      user.reports.decide({ ...input, origin: originOf(context.request) }, asOperator(context)),
    ),
    listAudit: routes.listAudit.handler(({ input, context }) => user.audit.list(input, asOperator(context))),
  })
}
