import type { userContract } from '@fanone/contracts'
import { type Operations, requireIdentity } from '@fanone/service-kit'
import type { AccountService } from './account.service.ts'

export const accountOperations = (service: AccountService): Operations<typeof userContract.accounts> => ({
  register: ({ input, context, signal }) => service.register(input, { idempotencyKey: context.idempotencyKey, signal }),
  changePassword: async ({ input, context, signal }) => {
    await service.changePassword(requireIdentity(context), input, { signal })
    return {}
  },
})
