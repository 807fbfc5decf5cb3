import type { interactionContract } from '@fanone/contracts'
import type { Operations } from '@fanone/service-kit'
import type { VisitService } from './visit.service.ts'

export const visitOperations = (service: VisitService): Operations<typeof interactionContract.visits> => ({
  record: ({ input, context }) => service.record(context.identity, input, context.idempotencyKey),
  walk: ({ input }) => service.walk(input),
})
