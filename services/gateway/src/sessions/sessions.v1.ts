import type { SignedIn } from '@fanone/contracts'
import { v1Contract } from '@fanone/contracts/gateway'
import { requireIdentity } from '@fanone/service-kit'
import type { Client } from '../calls/client.ts'
import { answerTokens, forgetSession, refreshTokenOf, refuseOtherPages } from '../http/session-cookie.ts'
import { originOf } from '../http/session-origin.ts'
import type { Presenter } from '../presenter/presenter.ts'
import { type RequestContext, routesOf } from '../routing/request-context.ts'
import { toV1User } from '../users/users.view.ts'
import type { SignIn } from './sign-in.ts'

export function sessionsV1({ signIn, user, present }: { signIn: SignIn; user: Client<'user'>; present: Presenter }) {
  const routes = routesOf(v1Contract.sessions)
  const show = async ({ user: profile, tokens }: SignedIn, context: RequestContext) => ({
    user: toV1User(await present.user(profile)),
    tokens: answerTokens(tokens, context),
  })
  return routes.router({
    logIn: routes.logIn.handler(async ({ input, context }) => {
      refuseOtherPages(context)
      return show(await signIn.logIn(input, context.request), context)
    }),
    refresh: routes.refresh.handler(async ({ input, context }) => {
      const refreshToken = refreshTokenOf(input.refreshToken, context)
      return show(await signIn.refresh(refreshToken, context.request), context)
    }),
    logOut: routes.logOut.handler(async ({ context }) => {
      refuseOtherPages(context)
      await user.sessions.logOut(
        { origin: originOf(context.request) },
        { context: { identity: requireIdentity(context) } },
      )
      forgetSession(context)
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
