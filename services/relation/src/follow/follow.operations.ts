import type { relationContract } from '@fanone/contracts'
import { grouped, type Operations, requireIdentity } from '@fanone/service-kit'
import type { FollowService } from './follow.service.ts'

export const followOperations = (service: FollowService): Operations<typeof relationContract.follows> => ({
  follow: ({ input, context }) => service.follow(requireIdentity(context), input, context.idempotencyKey),
  unfollow: ({ input, context }) => service.unfollow(requireIdentity(context), input, context.idempotencyKey),
  list: ({ input }) => service.list(input),
  page: ({ input }) => service.page(input),
  flags: grouped((calls) => service.flags(calls.map(({ input }) => input))),
  walk: ({ input }) => service.walk(input),
})
