import { fanoneContract } from '@fanone/contracts/gateway'
import { requireIdentity } from '@fanone/service-kit'
import type { Client } from '../calls/client.ts'
import { originOf } from '../http/session-origin.ts'
import type { HashBound } from '../limits/hash-bound.ts'
import type { Lookups } from '../presenter/lookups.ts'
import type { Presenter } from '../presenter/presenter.ts'
import { routesOf } from '../routing/request-context.ts'
import { answer, done } from '../surfaces/fanone/fanone.envelope.ts'
import { toFanoneUser } from './users.view.ts'

export function usersFanone({
  user,
  lookups,
  present,
  hashes,
}: {
  user: Client<'user'>
  lookups: Lookups
  present: Presenter
  hashes: HashBound
}) {
  const routes = routesOf(fanoneContract.users)
  return routes.router({
    register: routes.register.handler(async ({ input, context: { request } }) => {
      await hashes.run(() => user.accounts.register({ ...input, origin: originOf(request) }))
      return done()
    }),
    info: routes.info.handler(async ({ input, context }) => {
      const profile = await lookups.user(input.user_id ?? requireIdentity(context).userId)
      return answer(toFanoneUser(present.newUser(profile)))
    }),
  })
}
