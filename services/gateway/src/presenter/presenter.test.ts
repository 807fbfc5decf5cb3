import type { Profile, Video } from '@fanone/contracts'
import { describe, expect, it } from 'vitest'
import { noContentCounters, noUserCounters } from './counters.ts'
import { Presenter } from './presenter.ts'

const profile = (id: number) => ({ id, username: `u${id}`, name: `U${id}`, avatarKey: null }) as Profile
const video = (id: number, authorId: number) =>
  ({ id, authorId, videoKey: `${id}.mp4`, coverKey: `${id}.jpg` }) as Video
const viewer = { userId: 1, sessionId: 'test' }

/** A presenter before services that a test plays; they note what they are asked, in order. */
function playing({ users = [2, 3], videos = [video(20, 2), video(30, 3)] } = {}) {
  const calls: string[] = []
  const note = (name: string, ids: readonly number[]) => calls.push(`${name} ${ids.join(',')}`)
  const usersOf = async (ids: number[]) => {
    note('users', ids)
    return users.filter((id) => ids.includes(id)).map(profile)
  }
  const videosOf = async (ids: number[]) => {
    note('videos', ids)
    return videos.filter(({ id }) => ids.includes(id))
  }
  const present = new Presenter({
    mediaUrl: (key) => `http://media/${key}`,
    lookups: { users: usersOf, recentUsers: usersOf, videos: videosOf, recentVideos: videosOf } as never,
    flags: {
      likedBy: async (who: unknown, kind: string, ids: number[]) => {
        if (who) note(`liked ${kind}`, ids)
        return new Set(who ? [20] : [])
      },
      followedBy: async (who: unknown, ids: number[]) => {
        if (who) note('followed', ids)
        return new Set(who ? [2] : [])
      },
    } as never,
    counters: {
      ofContent: async (_kind: string, ids: readonly number[]) => {
        note('content counters', ids)
        return ids.map((id) => ({ ...noContentCounters, likes: id }))
      },
      ofUsers: async (ids: readonly number[]) => {
        note('user counters', ids)
        return ids.map((id) => ({ ...noUserCounters, works: id }))
      },
    } as never,
  })
  return { present, calls }
}

describe('what pages show', () => {
  it('of videos: where they are found, their counters, and what the viewer likes', async () => {
    const { present, calls } = playing()
    const likes = [30, 20, 404].map((contentId) => ({ contentId, isLiked: contentId !== 30 }))
    const shown = await present.likedVideos(likes)
    expect(
      shown.map(({ video, counters, isLiked, videoUrl }) => [video.id, counters.likes, isLiked, videoUrl]),
    ).toEqual([
      [20, 20, true, 'http://media/20.mp4'],
      [30, 30, false, 'http://media/30.mp4'],
    ])
    expect(calls).toEqual(['videos 30,20,404', 'content counters 20,30'])
    expect(await present.videoById(20, viewer)).toMatchObject({ isLiked: true })
    expect(calls.slice(2)).toEqual(['videos 20', 'liked video 20', 'content counters 20'])
  })

  it('to nobody in particular: no flags, and nobody is asked for them', async () => {
    const { present, calls } = playing()
    expect((await present.usersById([2])).map(({ isFollowing }) => isFollowing)).toEqual([false])
    expect(await present.videoById(20)).toMatchObject({ isLiked: false })
    expect(calls).toEqual(['users 2', 'user counters 2', 'videos 20', 'content counters 20'])
  })

  it('of videos with their authors: each author is asked for once, and without an author there is no video', async () => {
    const videos = [video(20, 2), video(21, 2), video(40, 4)]
    const { present, calls } = playing({ videos })
    const likes = [20, 21, 40].map((contentId) => ({ contentId, isLiked: true }))
    const shown = await present.likedVideosWithAuthors(likes, viewer)
    expect(
      shown.map(({ video, author }) => [video.id, author.user.id, author.counters.works, author.isFollowing]),
    ).toEqual([
      [20, 2, 2, true],
      [21, 2, 2, true],
    ])
    expect(calls.filter((call) => call.startsWith('users'))).toEqual(['users 2,4'])
  })

  it('of cards by those whom the viewer follows: what they like, and nobody is asked whom they follow', async () => {
    const { present, calls } = playing()
    const card = { id: 20, author: { id: 9, username: 'u', name: 'U', avatarKey: null }, videoKey: 'v', coverKey: 'c' }
    const shown = await present.cardsOfFollowed([card as never], viewer)
    expect(shown).toMatchObject([{ isLiked: true, author: { isFollowing: true } }])
    expect(calls).toEqual(['liked video 20'])
  })

  it('of comments with their authors asks whom of these the viewer follows, and nothing else', async () => {
    const { present, calls } = playing()
    const items = [
      { id: 20, userId: 3, isLiked: true },
      { id: 21, userId: 9, isLiked: false },
    ]
    const page = { items, authors: [profile(3)] } as never
    const shown = await present.commentsWithAuthors(page, viewer)
    expect(shown).toMatchObject([
      { comment: { id: 20 }, isLiked: true, author: { user: { id: 3 }, isFollowing: false } },
    ])
    expect(calls).toEqual(['followed 3'])
    await present.commentsWithWholeAuthors(page, viewer)
    expect(calls.slice(1)).toEqual(['user counters 3', 'followed 3'])
  })

  it('of the users of a list: their counters; those who are not known are left out', async () => {
    const { present, calls } = playing()
    const listed = [
      { userId: 2, user: profile(2), isFollowing: true },
      { userId: 9, user: null, isFollowing: false },
    ]
    const shown = await present.listedUsers(listed as never)
    expect(shown.map(({ user, counters, isFollowing }) => [user.id, counters.works, isFollowing])).toEqual([
      [2, 2, true],
    ])
    expect(calls).toEqual(['user counters 2'])
  })

  it.each([
    ['user', (present: Presenter) => present.userById(404), 'user_not_found'],
    ['video', (present: Presenter) => present.videoById(404), 'video_not_found'],
  ] as const)('of a %s that is not there: an error', async (_what, show, code) => {
    await expect(show(playing().present)).rejects.toMatchObject({ code })
  })
})
