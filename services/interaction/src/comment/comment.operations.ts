import { interactionContract } from '@fanone/contracts'
import { operations, requireIdentity } from '@fanone/service-kit'
import type { CommentService } from './comment.service.ts'

export function commentOperations(service: CommentService) {
  const { comments } = operations(interactionContract)
  return {
    create: comments.create.handler(({ input, context }) =>
      service.create(requireIdentity(context), input, context.idempotencyKey),
    ),
    delete: comments.delete.handler(async ({ input, context }) => {
      await service.delete(requireIdentity(context), input)
      return {}
    }),
    list: comments.list.handler(({ input }) => service.list(input)),
    replies: comments.replies.handler(({ input }) => service.replies(input)),
    getMany: comments.getMany.handler(({ input }) => service.getMany(input)),
    walk: comments.walk.handler(({ input }) => service.walk(input)),
  }
}
