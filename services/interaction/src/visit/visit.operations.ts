import { interactionContract } from '@fanone/contracts'
import { operations } from '@fanone/service-kit'
import type { VisitService } from './visit.service.ts'

export function visitOperations(service: VisitService) {
  const { visits } = operations(interactionContract)
  return {
    record: visits.record.handler(({ input, context }) => service.record(context.identity, input)),
    walk: visits.walk.handler(({ input }) => service.walk(input)),
  }
}
