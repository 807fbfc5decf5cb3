/** Who and what the endpoints are asked for: users, their follows and likes, videos, comments. */
import { setTimeout as delay } from 'node:timers/promises'
import { hasCode } from '@fanone/service-kit'
import { type Member, newMember } from '../../support/community.ts'
import { resigned } from '../../support/tokens.ts'
import { addVideos } from '../videos.ts'

/** Somebody who reads and writes, and what a page has to say of it. */
export interface Viewer {
  id: number
  username: string
  password: string
  token: string
  /** Whom this user follows, the latest last. */
  follows: number[]
  /** Ids of videos and comments. */
  likes: Set<number>
}

/** A video with comments, the newest first. */
export interface Discussion {
  id: number
  comments: { id: number; authorId: number; text: string }[]
}

export interface Community {
  /** The first of the members. */
  viewers: Viewer[]
  members: Viewer[]
  /** Newest first. */
  videos: { id: number; authorId: number }[]
  /** Videos that no other endpoint shows, for likes and visits. */
  written: number[]
  authors: number[]
  discussions: Discussion[]
  /** How many like it, by id. */
  likesOf(id: number): number
  remove(): Promise<void>
}

export interface Size {
  viewers: number
  members: number
  /** Those that are listed; further ones are for writes. */
  videos: number
  written: number
  discussions: number
}

/** Items of a list of comments, follows or works. */
export const LIST_SIZE = 20
/** Videos of a page of the feed. */
export const FEED_SIZE = 30

const AT_A_TIME = 8
/** A run may be longer than a token is valid. */
const TOKEN_SECONDS = 6 * 3_600

type Active = Viewer & { api: Member['api'] }

export async function newCommunity(size: Size): Promise<Community> {
  const members: Active[] = []
  await inTurns(
    Array.from({ length: size.members }, (_, index) => index),
    async (index) => {
      members[index] = await toViewer(await newMember('member'))
    },
  )
  const { videos: all, remove } = await addVideos(size.videos + size.written)
  const videos = all.slice(0, size.videos)
  const viewers = members.slice(0, size.viewers)
  const authors = [...new Set(videos.map(({ authorId }) => authorId))]
  const discussions = await discuss(members, videos.slice(0, size.discussions))
  await inTurns(viewers, async (viewer) => {
    const index = viewers.indexOf(viewer)
    const others = Array.from({ length: LIST_SIZE }, (_, step) => members[(index + step + 1) % members.length]?.id)
    const followed = [...authors.filter((_, author) => (author + index) % 2 === 0), ...new Set(others)]
    for (const id of followed) if (id !== undefined && id !== viewer.id) await follow(viewer, id)
    const liked = [...discussions.flatMap(({ comments }) => comments), ...videos.slice(0, FEED_SIZE)]
    for (const [place, { id }] of liked.entries()) {
      const isVideo = place >= liked.length - FEED_SIZE
      if ((place + index) % (isVideo ? 5 : 17) === 0) await like(viewer, isVideo ? 'video' : 'comment', id)
    }
  })
  const likesOf = (id: number) => members.filter(({ likes }) => likes.has(id)).length
  const written = all.slice(size.videos).map(({ id }) => id)
  return { viewers, members, videos, written, authors, discussions, likesOf, remove }
}

async function toViewer({ user, password, tokens, api }: Member): Promise<Active> {
  const exp = Math.floor(Date.now() / 1_000) + TOKEN_SECONDS
  const token = await resigned(tokens.accessToken, { claims: { exp } })
  return { id: user.id, username: user.username, password, token, follows: [], likes: new Set(), api }
}

async function discuss(members: Active[], videos: Community['videos']): Promise<Discussion[]> {
  return await Promise.all(
    videos.map(async ({ id }) => {
      const comments: Discussion['comments'] = []
      for (let index = 0; index < LIST_SIZE; index++) {
        const text = `What a ride! ${index} of ${LIST_SIZE}, 桥 and "bridge" included.`
        const author = members[index % members.length] as Active
        const comment = await patiently(() => author.api.comments.create({ id, text }))
        comments.unshift({ id: comment.id, authorId: author.id, text })
      }
      return { id, comments }
    }),
  )
}

async function follow(viewer: Active, id: number): Promise<void> {
  await patiently(() => viewer.api.relations.follow({ id }))
  viewer.follows.push(id)
}

async function like(viewer: Active, kind: 'video' | 'comment', id: number): Promise<void> {
  await patiently(() => viewer.api.likes[kind].put({ id }))
  viewer.likes.add(id)
}

/** A stack that has just started may ask to come back. */
async function patiently<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (attempt === 20 || !hasCode(error, 'too_many_requests', 'unavailable', 'timeout')) throw error
      await delay(250)
    }
  }
}

async function inTurns<Item>(items: Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const left = [...items]
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, worker))
}
