import type { userContract } from '@fanone/contracts'
import { type Operations, requireIdentity } from '@fanone/service-kit'
import type { PhoneService } from './phone.service.ts'

export const phoneOperations = (service: PhoneService): Operations<typeof userContract.phones> => ({
  sendCode: async ({ input, context: { identity, idempotencyKey } }) => {
    await service.sendCode(identity, input, idempotencyKey)
    return {}
  },
  sendOwnCode: async ({ context }) => {
    await service.sendOwnCode(requireIdentity(context), context.idempotencyKey)
    return {}
  },
  signIn: ({ input, context }) => service.signIn(input, context.idempotencyKey),
  status: ({ context }) => service.status(requireIdentity(context)),
  join: async ({ input, context, signal }) => {
    await service.join(requireIdentity(context), input, signal)
    return {}
  },
  remove: async ({ input, context, signal }) => {
    await service.remove(requireIdentity(context), input, signal)
    return {}
  },
  recover: async ({ input, context: { idempotencyKey }, signal }) => {
    await service.recover(input, { idempotencyKey, signal })
    return {}
  },
})
