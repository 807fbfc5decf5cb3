import type { ContentRef, interactionContract } from '@fanone/contracts'
import {
  callMark,
  type GroupedCall,
  grouped,
  type OperationContext,
  type Operations,
  requireIdentity,
} from '@fanone/service-kit'
import type { LikeCall } from './like.changes.ts'
import type { LikeService } from './like.service.ts'

export const likeOperations = (service: LikeService): Operations<typeof interactionContract.likes> => ({
  like: grouped(
    (calls) => service.likeMany(calls.map((call) => toLikeCall('likes.like', call))),
    (call) => service.like(toLikeCall('likes.like', call)),
  ),
  unlike: grouped(
    (calls) => service.unlikeMany(calls.map((call) => toLikeCall('likes.unlike', call))),
    (call) => service.unlike(toLikeCall('likes.unlike', call)),
  ),
  flags: grouped((calls) => service.flags(calls.map(({ input }) => input))),
  listByUser: ({ input }) => service.listByUser(input),
  walk: ({ input }) => service.walk(input),
})

/** @throws ServiceError `unauthenticated` */
function toLikeCall(
  operation: 'likes.like' | 'likes.unlike',
  { input, context, within }: GroupedCall<{ target: ContentRef }, OperationContext>,
): LikeCall {
  const { userId } = requireIdentity(context)
  return { target: input.target, userId, mark: callMark(operation, context.idempotencyKey), within }
}
