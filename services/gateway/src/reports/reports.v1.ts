import { v1Contract } from '@fanone/contracts/gateway'
import { requireIdentity } from '@fanone/service-kit'
import type { Client } from '../calls/client.ts'
import type { Targets } from '../presenter/targets.ts'
import { routesOf } from '../routing/request-context.ts'

export function reportsV1({ user, targets }: { user: Client<'user'>; targets: Targets }) {
  const routes = routesOf(v1Contract.reports)
  return routes.router({
    create: routes.create.handler(async ({ input: { kind, id, text }, context }) => {
      const target = await targets.require(kind, id)
      return user.reports.create({ target, text }, { context: { identity: requireIdentity(context) } })
    }),
  })
}
