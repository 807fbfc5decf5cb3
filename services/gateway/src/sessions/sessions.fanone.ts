import { fanoneContract } from '@fanone/contracts/gateway'
import type { Presenter } from '../presenter/presenter.ts'
import { routesOf } from '../routing/request-context.ts'
import { answer } from '../surfaces/fanone/fanone.envelope.ts'
import { toFanoneUser } from '../users/users.view.ts'
import type { SignIn } from './sign-in.ts'

export function sessionsFanone({ signIn, present }: { signIn: SignIn; present: Presenter }) {
  const routes = routesOf(fanoneContract.sessions)
  return routes.router({
    logIn: routes.logIn.handler(async ({ input, context: { request, response } }) => {
      const { user, tokens } = await signIn.logIn(input, request)
      response.set({
        'Access-Token': tokens.accessToken,
        'Refresh-Token': tokens.refreshToken,
        'Cache-Control': 'no-store',
      })
      return answer(toFanoneUser(present.newUser(user)))
    }),
  })
}
