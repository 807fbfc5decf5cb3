import type { userContract } from '@fanone/contracts'
import { type Operations, requireOperator } from '@fanone/service-kit'
import type { RemovalService } from './removal.service.ts'

export const removalOperations = (service: RemovalService): Operations<typeof userContract.removals> => ({
  create: async ({ input, context }) => {
    await service.remove(requireOperator(context), input)
    return {}
  },
})
