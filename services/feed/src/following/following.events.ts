import type { userFollowed, userUnfollowed } from '@fanone/contracts'
import type { EventHandler } from '@fanone/service-kit'
import type { FollowingRepository } from './following.repository.ts'

/** Applies follows. Needs no inbox: older versions are ignored. */
export function followingEvents(following: FollowingRepository) {
  const follow: EventHandler<typeof userFollowed> = async ({ data }) => {
    await following.merge([data], true)
    return 'handled'
  }
  const unfollow: EventHandler<typeof userUnfollowed> = async ({ data }) => {
    await following.merge([data], false)
    return 'handled'
  }
  return { 'user.followed': follow, 'user.unfollowed': unfollow }
}
