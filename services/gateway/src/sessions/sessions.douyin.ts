import { douyinContract } from '@fanone/contracts/gateway'
import { routesOf } from '../routing/request-context.ts'
import { answer } from '../surfaces/douyin/douyin.envelope.ts'
import type { SignIn } from './sign-in.ts'

export function sessionsDouyin({ signIn }: { signIn: SignIn }) {
  const routes = routesOf(douyinContract.sessions)
  return routes.router({
    logIn: routes.logIn.handler(async ({ input, context: { request, response } }) => {
      const { user, lastingToken = '' } = await signIn.logIn({ ...input, wantsLastingToken: true }, request)
      response.set('Cache-Control', 'no-store')
      return answer({ user_id: user.id, token: lastingToken })
    }),
  })
}
