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

export function phonesV1({
  user: { phones },
  present,
  hashes,
}: {
  user: Client<'user'>
  present: Presenter
  hashes: HashBound
}) {
  const routes = routesOf(v1Contract.phones)
  const from = <Input>(input: Input, { request }: RequestContext) => ({ ...input, origin: originOf(request) })
  const keyed = ({ request }: RequestContext) => ({ context: { idempotencyKey: readIdempotencyKey(request) } })
  const ofCaller = (context: RequestContext) => ({
    context: { ...keyed(context).context, identity: requireIdentity(context) },
  })
  return routes.router({
    sendCode: routes.sendCode.handler(async ({ input, context }) => {
      await phones.sendCode(from(input, context), keyed(context))
    }),
    signIn: routes.signIn.handler(async ({ input, context }) => {
      refuseOtherPages(context)
      const { isNew, user, tokens } = await phones.signIn(from(input, context), keyed(context))
      const shown = isNew ? present.newUser(user) : await present.user(user)
      return { user: toV1User(shown), tokens: answerTokens(tokens, context), isNew }
    }),
    recover: routes.recover.handler(async ({ input, context }) => {
      await hashes.run(() => phones.recover(from(input, context), keyed(context)))
    }),
    status: routes.status.handler(({ context }) => {
      context.response.set('Cache-Control', 'no-store')
      return phones.status({}, ofCaller(context))
    }),
    sendOwnCode: routes.sendOwnCode.handler(async ({ input: { phone }, context }) => {
      if (phone === undefined) await phones.sendOwnCode(from({}, context), ofCaller(context))
      else await phones.sendCode(from({ phone, purpose: 'join' as const }, context), ofCaller(context))
    }),
    join: routes.join.handler(async ({ input, context }) => {
      await hashes.run(() => phones.join(from(input, context), ofCaller(context)))
    }),
    remove: routes.remove.handler(async ({ input, context }) => {
      await hashes.run(() => phones.remove(from(input, context), ofCaller(context)))
    }),
  })
}
