import type { ContentRef, interactionContract } from '@fanone/contracts'
import {
  callMark,
  type GroupedCall,
  grouped,
  type OperationContext,
  type Operations,
  ServiceError,
} from '@fanone/service-kit'
import type { Viewing } from './visit.changes.ts'
import type { VisitService } from './visit.service.ts'

export const visitOperations = (service: VisitService): Operations<typeof interactionContract.visits> => ({
  record: grouped(
    (calls) => service.recordMany(calls.map(toViewing)),
    (call) => service.record(toViewing(call)),
  ),
  walk: ({ input }) => service.walk(input),
})

/** @throws ServiceError `invalid_input` */
function toViewing({
  input: { target, visitor },
  context: { identity, idempotencyKey },
  within,
}: GroupedCall<{ target: ContentRef; visitor?: string | undefined }, OperationContext>): Viewing {
  const viewer = identity ? `user:${identity.userId}` : visitor
  if (viewer === undefined) throw new ServiceError('invalid_input', { detail: 'visitor: is required without a caller' })
  return { target, viewer, mark: callMark('visits.record', idempotencyKey), within }
}
