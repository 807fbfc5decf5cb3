import { fanoneContract } from '@fanone/contracts/gateway'
import { requireIdentity } from '@fanone/service-kit'
import type { Client } from '../calls/client.ts'
import { originOf } from '../http/session-origin.ts'
import { routesOf } from '../routing/request-context.ts'
import { answer, done } from '../surfaces/fanone/fanone.envelope.ts'

export function totpFanone({ user: { totp } }: { user: Client<'user'> }) {
  const routes = routesOf(fanoneContract.totp)
  return routes.router({
    issue: routes.issue.handler(async ({ context }) => {
      const { secret, qrCode } = await totp.issue({}, { context: { identity: requireIdentity(context) } })
      context.response.set('Cache-Control', 'no-store')
      return answer({ secret, qrcode: qrCode })
    }),
    // This API has no recovery codes; /v1 makes them for who asks with a code.
    confirm: routes.confirm.handler(async ({ input, context }) => {
      await totp.confirm(
        { ...input, origin: originOf(context.request) },
        { context: { identity: requireIdentity(context) } },
      )
      return done()
    }),
  })
}
