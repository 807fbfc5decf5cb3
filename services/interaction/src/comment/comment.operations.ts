import type { interactionContract } from '@fanone/contracts'
import { type Operations, requireIdentity } from '@fanone/service-kit'
import type { CommentService } from './comment.service.ts'

export const commentOperations = (service: CommentService): Operations<typeof interactionContract.comments> => ({
  create: ({ input, context }) => service.create(requireIdentity(context), input, context.idempotencyKey),
  delete: async ({ input, context }) => {
    await service.delete(requireIdentity(context), input, context.idempotencyKey)
    return {}
  },
  list: ({ input }) => service.list(input),
  replies: ({ input }) => service.replies(input),
  getMany: ({ input }) => service.getMany(input),
  walk: ({ input }) => service.walk(input),
})
