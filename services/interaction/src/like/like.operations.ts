import type { interactionContract } from '@fanone/contracts'
import { grouped, type Operations, requireIdentity } from '@fanone/service-kit'
import type { LikeService } from './like.service.ts'

export const likeOperations = (service: LikeService): Operations<typeof interactionContract.likes> => ({
  like: ({ input, context }) => service.like(requireIdentity(context), input.target, context.idempotencyKey),
  unlike: ({ input, context }) => service.unlike(requireIdentity(context), input.target, context.idempotencyKey),
  flags: grouped((calls) => service.flags(calls.map(({ input }) => input))),
  listByUser: ({ input }) => service.listByUser(input),
  walk: ({ input }) => service.walk(input),
})
