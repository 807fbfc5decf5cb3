import { relationContract } from '@fanone/contracts'
import { operations, requireIdentity } from '@fanone/service-kit'
import type { FollowService } from './follow.service.ts'

/** The relation contract, implemented. */
export function followOperations(service: FollowService) {
  const { follows } = operations(relationContract)
  return {
    follows: {
      follow: follows.follow.handler(({ input, context }) =>
        service.follow(requireIdentity(context), input, context.idempotencyKey),
      ),
      unfollow: follows.unfollow.handler(({ input, context }) =>
        service.unfollow(requireIdentity(context), input, context.idempotencyKey),
      ),
      list: follows.list.handler(({ input }) => service.list(input)),
      page: follows.page.handler(({ input }) => service.page(input)),
      flags: follows.flags.handler(({ input }) => service.flags(input.viewers)),
      walk: follows.walk.handler(({ input }) => service.walk(input)),
    },
  }
}
