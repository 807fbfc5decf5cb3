import type { ContentCounters, Video } from '@fanone/contracts'
import type { DouyinVideo, FanoneVideo, V1Video } from '@fanone/contracts/gateway'
import type { Person, ShownUser, ShownVideo } from '../presenter/shown.ts'
import { toChinaTime } from '../surfaces/compat/utc-plus-8.ts'
import { toDouyinUser } from '../users/users.view.ts'

/** What the compatibility APIs show of a video, wherever it comes from. */
interface Clip {
  videoUrl: string
  coverUrl: string
  counters: ContentCounters
}

export function toV1Video({ video, videoUrl, coverUrl, hlsUrl, storyboardUrl, ...shown }: ShownVideo): V1Video {
  const { videoKey: _v, coverKey: _c, hlsKey: _h, storyboardKey: _s, version: _version, ...rest } = video
  return { ...rest, ...shown, videoUrl, coverUrl, hlsUrl, storyboardUrl }
}

export function toFanoneVideo({
  video,
  videoUrl,
  coverUrl,
  counters,
}: Clip & {
  video: Pick<Video, 'id' | 'authorId' | 'title' | 'description' | 'createdAt' | 'updatedAt'>
}): FanoneVideo {
  return {
    id: String(video.id),
    user_id: String(video.authorId),
    video_url: videoUrl,
    cover_url: coverUrl,
    title: video.title,
    description: video.description,
    visit_count: counters.visits,
    like_count: counters.likes,
    comment_count: counters.comments,
    created_at: toChinaTime(video.createdAt),
    updated_at: toChinaTime(video.updatedAt),
    deleted_at: '',
  }
}

export function toDouyinVideo({
  video,
  videoUrl,
  coverUrl,
  counters,
  author,
  isLiked,
}: Clip & { video: Pick<Video, 'id' | 'title'>; author: ShownUser<Person>; isLiked: boolean }): DouyinVideo {
  return {
    id: video.id,
    author: toDouyinUser(author),
    play_url: videoUrl,
    cover_url: coverUrl,
    favorite_count: counters.likes,
    comment_count: counters.comments,
    is_favorite: isLiked,
    title: video.title,
  }
}
