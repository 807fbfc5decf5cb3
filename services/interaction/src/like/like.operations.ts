import { interactionContract } from '@fanone/contracts'
import { operations, requireIdentity } from '@fanone/service-kit'
import type { LikeService } from './like.service.ts'

export function likeOperations(service: LikeService) {
  const { likes } = operations(interactionContract)
  return {
    like: likes.like.handler(({ input, context }) => service.like(requireIdentity(context), input.target)),
    unlike: likes.unlike.handler(({ input, context }) => service.unlike(requireIdentity(context), input.target)),
    flags: likes.flags.handler(({ input }) => service.flags(input.viewers)),
    listByUser: likes.listByUser.handler(({ input }) => service.listByUser(input)),
    walk: likes.walk.handler(({ input }) => service.walk(input)),
  }
}
