import type { userContract } from '@fanone/contracts'
import type { Operations } from '@fanone/service-kit'
import type { AccountService } from './account.service.ts'

export const accountOperations = (service: AccountService): Operations<typeof userContract.accounts> => ({
  register: ({ input, context, signal }) => service.register(input, { idempotencyKey: context.idempotencyKey, signal }),
})
