import type { interactionContract } from '@fanone/contracts'
import { type GroupedCall, grouped, type OperationContext, type Operations, requireIdentity } from '@fanone/service-kit'
import type { CommentCall, CommentService } from './comment.service.ts'

export const commentOperations = (service: CommentService): Operations<typeof interactionContract.comments> => ({
  create: grouped(
    (calls) => service.createMany(calls.map(toCommentCall)),
    (call) => service.create(toCommentCall(call)),
  ),
  delete: async ({ input, context }) => {
    await service.delete(requireIdentity(context), input, context.idempotencyKey)
    return {}
  },
  list: ({ input }) => service.list(input),
  replies: ({ input }) => service.replies(input),
  getMany: async ({ input }) => ({ items: await service.getMany(input.ids) }),
  walk: ({ input }) => service.walk(input),
})

/** @throws ServiceError `unauthenticated` */
function toCommentCall({ input, context, within }: GroupedCall<CommentCall['input'], OperationContext>): CommentCall {
  const identity = requireIdentity(context)
  return { operation: 'comments.create', identity, key: context.idempotencyKey, input, within }
}
