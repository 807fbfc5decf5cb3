import type { SignedIn } from '@fanone/contracts'
import { v1Contract } from '@fanone/contracts/gateway'
import { requireIdentity } from '@fanone/service-kit'
import type { Client } from '../calls/client.ts'
import { originOf } from '../http/session-origin.ts'
import type { Presenter } from '../presenter/presenter.ts'
import { routesOf } from '../routing/request-context.ts'
import { toV1Session } from '../users/users.view.ts'
import type { SignIn } from './sign-in.ts'

export function sessionsV1({ signIn, user, present }: { signIn: SignIn; user: Client<'user'>; present: Presenter }) {
  const routes = routesOf(v1Contract.sessions)
  const show = async (signedIn: SignedIn) => toV1Session(await present.user(signedIn.user), signedIn.tokens)
  return routes.router({
    logIn: routes.logIn.handler(async ({ input, context: { request, response } }) => {
      const signedIn = await signIn.logIn(input, request)
      response.set('Cache-Control', 'no-store')
      return show(signedIn)
    }),
    refresh: routes.refresh.handler(async ({ input, context }) => {
      const signedIn = await signIn.refresh(input.refreshToken, context.request)
      context.response.set('Cache-Control', 'no-store')
      return show(signedIn)
    }),
    logOut: routes.logOut.handler(async ({ context }) => {
      await user.sessions.logOut(
        { origin: originOf(context.request) },
        { context: { identity: requireIdentity(context) } },
      )
    }),
    list: routes.list.handler(({ context }) =>
      user.sessions.list({}, { context: { identity: requireIdentity(context) } }),
    ),
    end: routes.end.handler(async ({ input: { id: sessionId }, context }) => {
      await user.sessions.end(
        { sessionId, origin: originOf(context.request) },
        { context: { identity: requireIdentity(context) } },
      )
    }),
    endOthers: routes.endOthers.handler(async ({ context }) => {
      await user.sessions.endOthers(
        { origin: originOf(context.request) },
        { context: { identity: requireIdentity(context) } },
      )
    }),
  })
}
