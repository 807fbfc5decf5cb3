import type { ProfilePicture } from '@fanone/contracts'
import { v1Contract } from '@fanone/contracts/gateway'
import { requireIdentity } from '@fanone/service-kit'
import type { Client } from '../calls/client.ts'
import { answerTokens, refuseOtherPages } from '../http/session-cookie.ts'
import { originOf } from '../http/session-origin.ts'
import type { HashBound } from '../limits/hash-bound.ts'
import type { Lookups } from '../presenter/lookups.ts'
import type { Presenter } from '../presenter/presenter.ts'
import { type RequestContext, routesOf } from '../routing/request-context.ts'
import { readIdempotencyKey } from '../surfaces/v1/idempotency-key.ts'
import { toV1User } from './users.view.ts'

export function usersV1({
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
  const routes = routesOf(v1Contract.users)
  const removePicture = async (kind: ProfilePicture, context: RequestContext) => {
    const profile = await user.profiles.removePicture({ kind }, { context: { identity: requireIdentity(context) } })
    lookups.noteChange({ userId: profile.id })
    return toV1User(await present.user(profile))
  }
  return routes.router({
    register: routes.register.handler(async ({ input, context }) => {
      refuseOtherPages(context)
      const { request, response } = context
      const idempotencyKey = readIdempotencyKey(request)
      const account = { ...input, origin: originOf(request) }
      const register = () => user.accounts.register(account, { context: { idempotencyKey } })
      const { user: profile, tokens } = await hashes.run(register)
      response.set('Location', `/v1/users/${profile.id}`)
      return { user: toV1User(present.newUser(profile)), tokens: answerTokens(tokens, context) }
    }),
    getMany: routes.getMany.handler(async ({ input, context }) => {
      const shown = await present.usersById(input.ids, context.identity)
      return { items: shown.map(toV1User) }
    }),
    getMe: routes.getMe.handler(async ({ context }) => {
      return toV1User(await present.userById(requireIdentity(context).userId))
    }),
    editMe: routes.editMe.handler(async ({ input, context }) => {
      const profile = await user.profiles.edit(input, { context: { identity: requireIdentity(context) } })
      lookups.noteChange({ userId: profile.id })
      return toV1User(await present.user(profile))
    }),
    changePassword: routes.changePassword.handler(async ({ input, context }) => {
      const caller = { context: { identity: requireIdentity(context) } }
      const change = { ...input, origin: originOf(context.request) }
      await hashes.run(() => user.accounts.changePassword(change, caller))
    }),
    securityEvents: routes.securityEvents.handler(({ input, context }) => {
      context.response.set('Cache-Control', 'no-store')
      return user.securityEvents.list(input, { context: { identity: requireIdentity(context) } })
    }),
    removeAvatar: routes.removeAvatar.handler(({ context }) => removePicture('avatar', context)),
    removeBackground: routes.removeBackground.handler(({ context }) => removePicture('background', context)),
    get: routes.get.handler(async ({ input, context }) => {
      return toV1User(await present.userById(input.id, context.identity))
    }),
  })
}
