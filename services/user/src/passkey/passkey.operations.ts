import type { userContract } from '@fanone/contracts'
import { type Operations, requireIdentity } from '@fanone/service-kit'
import type { PasskeyService } from './passkey.service.ts'

export const passkeyOperations = (service: PasskeyService): Operations<typeof userContract.passkeys> => ({
  begin: ({ input, context, signal }) =>
    service.begin(requireIdentity(context), input, { key: context.idempotencyKey, signal }),
  add: ({ input, context }) => service.add(requireIdentity(context), input),
  list: async ({ context }) => ({ items: await service.list(requireIdentity(context)) }),
  rename: ({ input, context }) => service.rename(requireIdentity(context), input),
  remove: async ({ input, context }) => {
    await service.remove(requireIdentity(context), input, context.idempotencyKey)
    return {}
  },
  beginLogIn: () => service.beginLogIn(),
  logIn: ({ input, context }) => service.logIn(input, context.idempotencyKey),
})
