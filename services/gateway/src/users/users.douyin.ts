import { douyinContract } from '@fanone/contracts/gateway'
import { requireIdentity } from '@fanone/service-kit'
import type { Client } from '../calls/client.ts'
import { originOf } from '../http/session-origin.ts'
import type { HashBound } from '../limits/hash-bound.ts'
import type { Presenter } from '../presenter/presenter.ts'
import { routesOf } from '../routing/request-context.ts'
import { answer } from '../surfaces/douyin/douyin.envelope.ts'
import { toDouyinUser } from './users.view.ts'

export function usersDouyin({
  user,
  present,
  hashes,
}: {
  user: Client<'user'>
  present: Presenter
  hashes: HashBound
}) {
  const routes = routesOf(douyinContract.users)
  return routes.router({
    register: routes.register.handler(async ({ input, context }) => {
      const origin = originOf(context.request)
      const register = () => user.accounts.register({ ...input, origin, wantsLastingToken: true })
      const { user: profile, lastingToken = '' } = await hashes.run(register)
      context.response.set('Cache-Control', 'no-store')
      return answer({ user_id: profile.id, token: lastingToken })
    }),
    get: routes.get.handler(async ({ input, context }) => {
      const viewer = requireIdentity(context)
      return answer({ user: toDouyinUser(await present.userById(input.user_id ?? viewer.userId, viewer)) })
    }),
  })
}
