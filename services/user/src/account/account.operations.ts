import type { userContract } from '@fanone/contracts'
import type { operations } from '@fanone/service-kit'
import type { AccountService } from './account.service.ts'

type Implementer = ReturnType<typeof operations<typeof userContract>>['accounts']

export function accountOperations(accounts: Implementer, service: AccountService) {
  return {
    register: accounts.register.handler(({ input, context, signal }) =>
      service.register(input, { idempotencyKey: context.idempotencyKey, signal }),
    ),
  }
}
