import type { userContract } from '@fanone/contracts'
import { type Operations, requireOperator } from '@fanone/service-kit'
import type { BanService } from './ban.service.ts'

export const banOperations = (service: BanService): Operations<typeof userContract.bans> => ({
  find: async ({ input, context }) => {
    requireOperator(context)
    return { items: await service.find(input) }
  },
  put: ({ input: { userId, ...act }, context }) => service.ban(requireOperator(context), userId, act),
  lift: ({ input: { userId, ...act }, context }) => service.lift(requireOperator(context), userId, act),
})
