import { v1Contract } from '@fanone/contracts/gateway'
import { requireIdentity } from '@fanone/service-kit'
import type { Client } from '../calls/client.ts'
import { originOf } from '../http/session-origin.ts'
import type { HashBound } from '../limits/hash-bound.ts'
import { type RequestContext, routesOf } from '../routing/request-context.ts'
import { readIdempotencyKey } from '../surfaces/v1/idempotency-key.ts'

export function totpV1({ user: { totp }, hashes }: { user: Client<'user'>; hashes: HashBound }) {
  const routes = routesOf(v1Contract.totp)
  const callOf = (context: RequestContext) => ({ context: { identity: requireIdentity(context) } })
  const from = <Input>(input: Input, { request }: RequestContext) => ({ ...input, origin: originOf(request) })
  /** Of a call whose answer holds secrets. */
  const keyedCallOf = (context: RequestContext) => {
    context.response.set('Cache-Control', 'no-store')
    return { context: { ...callOf(context).context, idempotencyKey: readIdempotencyKey(context.request) } }
  }
  return routes.router({
    status: routes.status.handler(({ context }) => totp.status({}, callOf(context))),
    issue: routes.issue.handler(({ context }) => {
      context.response.set('Cache-Control', 'no-store')
      return totp.issue({}, callOf(context))
    }),
    confirm: routes.confirm.handler(({ input, context }) => totp.confirm(from(input, context), keyedCallOf(context))),
    unbind: routes.unbind.handler(async ({ input, context }) => {
      await hashes.run(() => totp.unbind(from(input, context), callOf(context)))
    }),
    renewRecoveryCodes: routes.renewRecoveryCodes.handler(({ input, context }) =>
      totp.renewRecoveryCodes(from(input, context), keyedCallOf(context)),
    ),
  })
}
