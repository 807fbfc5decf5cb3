import { v1Contract } from '@fanone/contracts/gateway'
import { requireIdentity } from '@fanone/service-kit'
import type { Client } from '../calls/client.ts'
import { answerTokens, refuseOtherPages } from '../http/session-cookie.ts'
import { originOf } from '../http/session-origin.ts'
import type { HashBound } from '../limits/hash-bound.ts'
import type { Presenter } from '../presenter/presenter.ts'
import { type RequestContext, routesOf } from '../routing/request-context.ts'
import { readIdempotencyKey } from '../surfaces/v1/idempotency-key.ts'
import { toV1User } from '../users/users.view.ts'

export function passkeysV1({
  user: { passkeys },
  present,
  hashes,
}: {
  user: Client<'user'>
  present: Presenter
  hashes: HashBound
}) {
  const routes = routesOf(v1Contract.passkeys)
  const keyed = ({ request }: RequestContext) => ({ idempotencyKey: readIdempotencyKey(request) })
  const ofCaller = (context: RequestContext) => ({ context: { ...keyed(context), identity: requireIdentity(context) } })
  return routes.router({
    begin: routes.begin.handler(({ input, context }) => {
      context.response.set('Cache-Control', 'no-store')
      return hashes.run(() => passkeys.begin(input, ofCaller(context)))
    }),
    add: routes.add.handler(({ input, context }) =>
      passkeys.add({ ...input, origin: originOf(context.request) }, ofCaller(context)),
    ),
    list: routes.list.handler(({ context }) => passkeys.list({}, ofCaller(context))),
    rename: routes.rename.handler(({ input, context }) => passkeys.rename(input, ofCaller(context))),
    remove: routes.remove.handler(async ({ input, context }) => {
      await passkeys.remove({ ...input, origin: originOf(context.request) }, ofCaller(context))
    }),
    beginLogIn: routes.beginLogIn.handler(({ context }) => {
      context.response.set('Cache-Control', 'no-store')
      return passkeys.beginLogIn({})
    }),
    logIn: routes.logIn.handler(async ({ input, context }) => {
      refuseOtherPages(context)
      const origin = originOf(context.request)
      const { user, tokens } = await passkeys.logIn({ ...input, origin }, { context: keyed(context) })
      return { user: toV1User(await present.user(user)), tokens: answerTokens(tokens, context) }
    }),
  })
}
