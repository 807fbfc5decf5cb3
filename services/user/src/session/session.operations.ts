import type { userContract } from '@fanone/contracts'
import { type operations, requireIdentity } from '@fanone/service-kit'
import type { SessionService } from './session.service.ts'

type Implementer = ReturnType<typeof operations<typeof userContract>>['sessions']

export function sessionOperations(sessions: Implementer, service: SessionService) {
  return {
    logIn: sessions.logIn.handler(({ input, signal }) => service.logIn(input, signal)),
    refresh: sessions.refresh.handler(({ input, context }) =>
      service.refresh(input.refreshToken, context.idempotencyKey),
    ),
    logOut: sessions.logOut.handler(async ({ context }) => {
      await service.logOut(requireIdentity(context))
      return {}
    }),
  }
}
