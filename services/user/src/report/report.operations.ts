import type { userContract } from '@fanone/contracts'
import { type Operations, requireIdentity, requireOperator } from '@fanone/service-kit'
import type { ReportService } from './report.service.ts'

export const reportOperations = (service: ReportService): Operations<typeof userContract.reports> => ({
  create: ({ input, context }) => service.create(requireIdentity(context), input),
  list: async ({ input, context }) => {
    requireOperator(context)
    return service.list(input)
  },
  decide: ({ input, context }) => service.decide(requireOperator(context), input),
})
