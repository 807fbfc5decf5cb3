import type { userFollowed, userUnfollowed } from '@fanone/contracts'
import type { EventHandler } from '@fanone/service-kit'
import type { FollowingRepository } from './following.repository.ts'

/** What the feed does when somebody follows somebody. It needs no inbox: what is older than what is known is ignored. */
export function followingEvents(following: FollowingRepository) {
  const follow: EventHandler<typeof userFollowed> = async ({ data }) => {
    await following.merge([data], true)
    return 'handled'
  }
  const unfollow: EventHandler<typeof userUnfollowed> = async ({ data }) => {
    await following.merge([data], false)
    return 'handled'
  }
  return { follow, unfollow }
}
