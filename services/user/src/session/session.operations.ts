import type { userContract } from '@fanone/contracts'
import { type Operations, requireIdentity } from '@fanone/service-kit'
import type { SessionService } from './session.service.ts'

export const sessionOperations = (service: SessionService): Operations<typeof userContract.sessions> => ({
  logIn: ({ input, context, signal }) => service.logIn(input, { idempotencyKey: context.idempotencyKey, signal }),
  refresh: ({ input, context }) => service.refresh(input.refreshToken, context.idempotencyKey),
  logOut: async ({ context }) => {
    await service.logOut(requireIdentity(context))
    return {}
  },
})
