import { v1Contract } from '@fanone/contracts/gateway'
import type { Client } from '../calls/client.ts'
import { clientOf } from '../limits/rate-limiter.ts'
import { routesOf } from '../routing/request-context.ts'
import { hashVisitor } from './visitor.ts'

export function visitsV1({ interaction, visitorKey }: { interaction: Client<'interaction'>; visitorKey: string }) {
  const routes = routesOf(v1Contract.visits)
  return routes.router({
    record: routes.record.handler(async ({ input: { id }, context: { identity, request } }) => {
      const visitor = identity ? {} : { visitor: hashVisitor(visitorKey, clientOf(request, undefined)) }
      return interaction.visits.record({ target: { kind: 'video', id }, ...visitor }, { context: { identity } })
    }),
  })
}
