import type { DouyinUser, FanoneSocialUser, FanoneUser, V1FeedItem, V1User } from '@fanone/contracts/gateway'
import type { Person, ShownUser } from '../presenter/shown.ts'
import { toChinaTime } from '../surfaces/compat/utc-plus-8.ts'

export function toV1User({ user, counters, avatarUrl, backgroundUrl, isFollowing }: ShownUser): V1User {
  const { avatarKey: _avatar, backgroundKey: _background, ...rest } = user
  return { ...rest, counters, avatarUrl, backgroundUrl, isFollowing }
}

export function toV1Author({ user, avatarUrl, isFollowing }: ShownUser<Person>): V1FeedItem['author'] {
  const { id, username, name } = user
  return { id, username, name, avatarUrl, isFollowing }
}

export function toFanoneUser({ user, avatarUrl }: ShownUser): FanoneUser {
  return {
    id: String(user.id),
    username: user.username,
    avatar_url: avatarUrl,
    created_at: toChinaTime(user.createdAt),
    updated_at: toChinaTime(user.updatedAt),
    deleted_at: '',
  }
}

export function toFanoneSocialUser(shown: ShownUser): FanoneSocialUser {
  const { id, username, avatar_url } = toFanoneUser(shown)
  return { id, username, avatar_url }
}

export function toDouyinUser({ user, counters, avatarUrl, backgroundUrl, isFollowing }: ShownUser<Person>): DouyinUser {
  const { works, likesReceived, likesGiven, following, followers } = counters
  return {
    id: user.id,
    name: user.name,
    follow_count: following,
    follower_count: followers,
    is_follow: isFollowing,
    avatar: avatarUrl,
    background_image: backgroundUrl ?? '',
    signature: user.signature ?? '',
    total_favorited: likesReceived,
    work_count: works,
    favorite_count: likesGiven,
  }
}
