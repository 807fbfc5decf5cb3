import { MAX_BATCH, type Profile, type Video } from '@fanone/contracts'
import { chunksOf, ServiceError } from '@fanone/service-kit'
import type { Client } from '../calls/client.ts'
import { Recent } from '../calls/recent.ts'

/** Users and videos by their ids. */
export interface Lookups {
  /** Any number, in the order of the ids; unknown ones are left out. */
  users: (ids: number[]) => Promise<Profile[]>
  /** @throws ServiceError `user_not_found` */
  user: (id: number) => Promise<Profile>
  /** Any number, in the order of the ids; what is not public is left out. */
  videos: (ids: number[]) => Promise<Video[]>
  /** The same up to a second old, except for who changes their own here; see `noteChange`. */
  recentUsers: (ids: number[]) => Promise<Profile[]>
  recentVideos: (ids: number[]) => Promise<Video[]>
  /** Forgets what was just changed. */
  noteChange: (changed: { userId?: number; videoId?: number }) => void
}

/** Whose works are not one's own may be as old as their counters. */
const MEMORY = { ms: 1_000, maxIds: 10_000 }

export function createLookups({ user, video }: { user: Client<'user'>; video: Client<'video'> }): Lookups {
  const users: Lookups['users'] = async (ids) => {
    const pages = await Promise.all(chunksOf(ids, MAX_BATCH).map((batch) => user.profiles.getMany({ ids: batch })))
    return pages.flatMap(({ items }) => items)
  }
  const videos: Lookups['videos'] = async (ids) => {
    const pages = await Promise.all(chunksOf(ids, MAX_BATCH).map((batch) => video.videos.getMany({ ids: batch })))
    return pages.flatMap(({ items }) => items)
  }
  const recentUsers = new Recent<Profile>({ ...MEMORY, load: users })
  const recentVideos = new Recent<Video>({ ...MEMORY, load: videos })
  return {
    users,
    videos,
    recentUsers: (ids) => recentUsers.get(ids),
    recentVideos: (ids) => recentVideos.get(ids),
    user: async (id) => {
      const [profile] = await users([id])
      if (!profile) throw new ServiceError('user_not_found')
      return profile
    },
    noteChange: ({ userId, videoId }) => {
      if (userId !== undefined) recentUsers.forget(userId)
      if (videoId !== undefined) recentVideos.forget(videoId)
    },
  }
}
