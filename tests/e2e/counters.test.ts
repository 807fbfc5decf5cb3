import type { V1Video } from '@fanone/contracts/gateway'
import { beforeAll, expect, test } from 'vitest'
import { api, type Member, newMember, publish } from '../support/community.ts'
import { eventually } from '../support/stack.ts'

let author: Member
let viewer: Member
beforeAll(async () => {
  author = await newMember('author')
  viewer = await newMember('viewer')
})

const countersOf = async (videoId: number) => (await api().videos.get({ id: videoId })).counters
const userCounters = async (member: Member) => (await api().users.get({ id: member.user.id })).counters
const onCard = async (videoId: number) => {
  const { items } = await viewer.api.feeds.newest({ limit: 100 as never })
  return items.find(({ id }) => id === videoId)?.counters
}
const is = <Value>(read: () => Promise<Value>, expected: Value, options: { timeoutMs?: number } = {}) =>
  eventually(async () => expect(await read()).toEqual(expected) ?? true, options)

test('what people do with a video shows on the video, on its card, on the author and on who did it', async () => {
  const video = await publish(author)
  await viewer.api.likes.video.put({ id: video.id })
  await author.api.likes.video.put({ id: video.id })
  const comment = await viewer.api.comments.create({ id: video.id, text: 'first' })
  await author.api.comments.reply({ id: comment.id, text: 'a reply' })
  await viewer.api.likes.comment.put({ id: comment.id })
  await viewer.api.visits.record({ id: video.id })
  await viewer.api.visits.record({ id: video.id })
  await author.api.visits.record({ id: video.id })
  await is(() => countersOf(video.id), { likes: 2, comments: 1, visits: 2 })
  await is(() => onCard(video.id), { likes: 2, comments: 1, visits: 2 })
  await is(
    async () => (await api().comments.list({ id: video.id })).items.map(({ counters }) => counters),
    [{ likes: 1, comments: 1 }],
  )
  await is(() => userCounters(author), { works: 1, likesReceived: 2, likesGiven: 1, following: 0, followers: 0 })
  await is(() => userCounters(viewer), { works: 0, likesReceived: 0, likesGiven: 1, following: 0, followers: 0 })

  await viewer.api.likes.video.delete({ id: video.id })
  await author.api.comments.delete({ id: comment.id })
  await is(() => countersOf(video.id), { likes: 1, comments: 0, visits: 2 })
  await is(() => onCard(video.id), { likes: 1, comments: 0, visits: 2 })
})

test('deleting a video takes its likes from its author and from who gave them', async () => {
  const [owner, fan] = [await newMember(), await newMember()]
  const video = await publish(owner)
  await fan.api.likes.video.put({ id: video.id })
  await is(() => userCounters(owner), { works: 1, likesReceived: 1, likesGiven: 0, following: 0, followers: 0 })
  await owner.api.videos.delete({ id: video.id })
  const nothing = { works: 0, likesReceived: 0, likesGiven: 0, following: 0, followers: 0 }
  await is(() => userCounters(owner), nothing)
  await is(() => userCounters(fan), nothing)
})

test('who follows sees the videos of those they follow, newest first, page by page, those that come later too, and none after they have stopped', async () => {
  const [follower, one, other] = [await newMember(), await newMember(), await newMember()]
  const videos: V1Video[] = []
  for (const member of [one, other, one]) videos.push(await publish(member))
  await follower.api.relations.follow({ id: one.user.id })
  await follower.api.relations.follow({ id: other.user.id })
  const expected = videos.map(({ id }) => id).toReversed()
  await is(() => followingOf(follower, 2), expected)
  await is(async () => (await userCounters(follower)).following, 2)
  await is(async () => (await userCounters(one)).followers, 1)
  const { items } = await follower.api.feeds.following({})
  expect(items.every(({ author: { isFollowing } }) => isFollowing)).toBe(true)

  await follower.api.relations.unfollow({ id: one.user.id })
  await is(() => followingOf(follower, 2), [videos[1]?.id])
  await is(async () => (await userCounters(one)).followers, 0)

  const later = await publish(other)
  await is(() => followingOf(follower, 2), [later.id, videos[1]?.id])
  await other.api.videos.delete({ id: later.id })
  await is(() => followingOf(follower, 2), [videos[1]?.id])
})

test('the popular videos of each period come in the order of their visits', async () => {
  const visitors = await Promise.all(Array.from({ length: 4 }, () => newMember()))
  const [most, less, deleted] = [await publish(author), await publish(author), await publish(author)]
  const visit = (video: V1Video, count: number) =>
    Promise.all(visitors.slice(0, count).map((visitor) => visitor.api.visits.record({ id: video.id })))
  await Promise.all([visit(most, 4), visit(less, 3), visit(deleted, 4)])
  await author.api.videos.delete({ id: deleted.id })
  for (const period of ['hour', 'day', 'week', 'all'] as const) {
    const ids = [most.id, less.id, deleted.id]
    const shown = async () => (await popular(period)).filter((id) => ids.includes(id))
    // Rankings are made for a tenth of the time at most, so a busy machine makes few of them.
    await is(shown, [most.id, less.id], { timeoutMs: 90_000 })
  }
  const { items } = await api().feeds.popular({ period: 'all', limit: 100 as never })
  const visits = items.map(({ counters }) => counters.visits)
  expect(visits).toEqual(visits.toSorted((a, b) => b - a))
})

async function followingOf(member: Member, limit: number): Promise<number[]> {
  return scroll((cursor) => member.api.feeds.following({ limit: limit as never, ...cursor }))
}

async function popular(period: 'hour' | 'day' | 'week' | 'all'): Promise<number[]> {
  return scroll((cursor) => api().feeds.popular({ period, limit: 50 as never, ...cursor }))
}

async function scroll(
  read: (cursor: { cursor?: string }) => Promise<{ items: { id: number }[]; nextCursor: string | null }>,
): Promise<number[]> {
  const ids: number[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await read(cursor === undefined ? {} : { cursor })
    ids.push(...page.items.map(({ id }) => id))
    cursor = page.nextCursor
  }
  return ids
}
