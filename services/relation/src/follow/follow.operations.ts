import type { relationContract } from '@fanone/contracts'
import {
  callMark,
  type GroupedCall,
  grouped,
  type OperationContext,
  type Operations,
  requireIdentity,
} from '@fanone/service-kit'
import type { FollowCall } from './follow.changes.ts'
import type { FollowService } from './follow.service.ts'

export const followOperations = (service: FollowService): Operations<typeof relationContract.follows> => ({
  follow: grouped(
    (calls) => service.followMany(calls.map((call) => toFollowCall('follows.follow', call))),
    (call) => service.follow(toFollowCall('follows.follow', call)),
  ),
  unfollow: grouped((calls) => service.unfollowMany(calls.map((call) => toFollowCall('follows.unfollow', call)))),
  list: ({ input }) => service.list(input),
  page: ({ input }) => service.page(input),
  followed: grouped((calls) => service.followed(calls.map(({ input }) => input))),
  flags: grouped((calls) => service.flags(calls.map(({ input }) => input))),
  walk: ({ input }) => service.walk(input),
})

/** @throws ServiceError `unauthenticated` */
function toFollowCall(
  operation: 'follows.follow' | 'follows.unfollow',
  { input, context, within }: GroupedCall<{ userId: number }, OperationContext>,
): FollowCall {
  const { userId: followerId } = requireIdentity(context)
  return { followerId, followeeId: input.userId, mark: callMark(operation, context.idempotencyKey), within }
}
