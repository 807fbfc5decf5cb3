import { v1Contract } from '@fanone/contracts/gateway'
import { requireIdentity } from '@fanone/service-kit'
import type { Client } from '../calls/client.ts'
import type { Presenter } from '../presenter/presenter.ts'
import { routesOf } from '../routing/request-context.ts'
import { toV1Session } from '../users/users.view.ts'
import type { SignedIn, SignIn } from './sign-in.ts'

export function sessionsV1({ signIn, user, present }: { signIn: SignIn; user: Client<'user'>; present: Presenter }) {
  const routes = routesOf(v1Contract.sessions)
  const show = async (signedIn: SignedIn) => toV1Session(await present.user(signedIn.user), signedIn.tokens)
  return routes.router({
    logIn: routes.logIn.handler(async ({ input, context: { request, response } }) => {
      const signedIn = await signIn.logIn(input, String(request.ip))
      response.set('Cache-Control', 'no-store')
      return show(signedIn)
    }),
    refresh: routes.refresh.handler(async ({ input, context }) => {
      const signedIn = await signIn.refresh(input.refreshToken)
      context.response.set('Cache-Control', 'no-store')
      return show(signedIn)
    }),
    logOut: routes.logOut.handler(async ({ context }) => {
      await user.sessions.logOut({}, { context: { identity: requireIdentity(context) } })
    }),
  })
}
