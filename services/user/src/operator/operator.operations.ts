import type { userContract } from '@fanone/contracts'
import type { Operations } from '@fanone/service-kit'
import type { OperatorService } from './operator.service.ts'

export const operatorOperations = (service: OperatorService): Operations<typeof userContract.operators> => ({
  grant: ({ input }) => service.grant(input.username),
  revoke: ({ input }) => service.revoke(input.username),
  list: async () => ({ items: await service.list() }),
})
