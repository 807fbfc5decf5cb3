import { MAX_BATCH, type Profile, type Video } from '@fanone/contracts'
import { chunksOf, ServiceError } from '@fanone/service-kit'
import type { Client } from '../calls/client.ts'

/** Users and videos by their ids. */
export interface Lookups {
  /** Any number, in the order of the ids; unknown ones are left out. */
  users: (ids: number[]) => Promise<Profile[]>
  /** @throws ServiceError `user_not_found` */
  user: (id: number) => Promise<Profile>
  /** Any number, in the order of the ids; what is not public is left out. */
  videos: (ids: number[]) => Promise<Video[]>
}

export function createLookups({ user, video }: { user: Client<'user'>; video: Client<'video'> }): Lookups {
  const users: Lookups['users'] = async (ids) => {
    const pages = await Promise.all(chunksOf(ids, MAX_BATCH).map((batch) => user.profiles.getMany({ ids: batch })))
    return pages.flatMap(({ items }) => items)
  }
  return {
    users,
    user: async (id) => {
      const [profile] = await users([id])
      if (!profile) throw new ServiceError('user_not_found')
      return profile
    },
    videos: async (ids) => {
      const pages = await Promise.all(chunksOf(ids, MAX_BATCH).map((batch) => video.videos.getMany({ ids: batch })))
      return pages.flatMap(({ items }) => items)
    },
  }
}
