import type { userContract } from '@fanone/contracts'
import { type Operations, requireIdentity } from '@fanone/service-kit'
import type { SessionService } from './session.service.ts'

export const sessionOperations = (service: SessionService): Operations<typeof userContract.sessions> => ({
  logIn: ({ input, context, signal }) => service.logIn(input, { idempotencyKey: context.idempotencyKey, signal }),
  refresh: ({ input, context }) => service.refresh(input, context.idempotencyKey),
  logOut: async ({ input, context }) => {
    await service.logOut(requireIdentity(context), input.origin)
    return {}
  },
  list: async ({ context }) => ({ items: await service.list(requireIdentity(context)) }),
  end: async ({ input, context }) => {
    await service.end(requireIdentity(context), input)
    return {}
  },
  endOthers: async ({ input, context }) => {
    await service.endOthers(requireIdentity(context), input.origin)
    return {}
  },
  see: async ({ input }) => ({ isOpen: await service.see(input.sessionId) }),
  listEnded: ({ input }) => service.listEnded(input.after),
})
