import { connectAsRoot } from '../support/scratch-database.ts'

/**
 * Far above every id of today, so that what is seeded meets nothing else and has the order of its
 * numbers.
 */
const FIRST_ID = 2 ** 52
const ROWS_AT_A_TIME = 5_000

/** Who and what is there when so many rows have been seeded; users and videos grow with them. */
export interface Community {
  users: number
  videos: number
  likes: number
  follows: number
  comments: number
}

export function communityOf(factor: number): Community {
  return {
    users: 200 * factor,
    videos: 50 * factor,
    likes: 10_000 * factor,
    follows: 2_000 * factor,
    comments: 1_000 * factor,
  }
}

export const userId = (index: number) => FIRST_ID + index
export const videoId = (index: number) => FIRST_ID + 100_000_000 + index
const commentId = (index: number) => FIRST_ID + 200_000_000 + index
const likeId = (index: number) => FIRST_ID + 300_000_000 + index

/**
 * Whole numbers below `bound`, spread like dice and the same in every run (Weyl sequence on the
 * golden ratio).
 */
const spread = (index: number, bound: number) => Math.floor(((index * 0.6180339887498949) % 1) * bound)

/**
 * Adds rows to the tables of interaction and relation, without events: from one size of a community
 * to the next. Each user likes and follows about as many as any other, except that a tenth of all
 * comments and likes are on the first video.
 */
export async function grow(from: Community, to: Community): Promise<void> {
  const admin = await connectAsRoot()
  const insert = async (table: string, columns: string, count: [number, number], row: (index: number) => unknown[]) => {
    for (let first = count[0]; first < count[1]; first += ROWS_AT_A_TIME) {
      const rows = Array.from({ length: Math.min(ROWS_AT_A_TIME, count[1] - first) }, (_, index) => row(first + index))
      await admin.query(`insert ignore into ${table} (${columns}) values ?`, [rows])
    }
  }
  const authorOf = (video: number) => userId(spread(video, to.users))
  const videoOf = (index: number) => (index % 10 === 0 ? 0 : spread(index, to.videos))
  try {
    await insert('interaction.content', 'kind, id, author_id', [from.videos, to.videos], (index) => [
      'video',
      videoId(index),
      authorOf(index),
    ])
    await insert(
      'interaction.content_like',
      'id, kind, content_id, author_id, user_id, liked_id',
      [from.likes, to.likes],
      (index) => {
        const video = videoOf(index)
        return [likeId(index), 'video', videoId(video), authorOf(video), userId(index % to.users), likeId(index)]
      },
    )
    await insert(
      'interaction.comment',
      'id, kind, content_id, author_id, parent_id, user_id, text',
      [from.comments, to.comments],
      (index) => {
        const video = videoOf(index)
        // Every fifth is a reply to the comment before it.
        const parent = index % 5 === 4 ? commentId(index - 1) : 0
        const text = `Comment ${index}: the old bridge, 桥 and 🚲`
        const content = videoId(index % 5 === 4 ? videoOf(index - 1) : video)
        return [commentId(index), 'video', content, authorOf(video), parent, userId(spread(index, to.users)), text]
      },
    )
    await insert(
      'relation.follow',
      'follower_id, followee_id, position, is_active, version, changed_at',
      [from.follows, to.follows],
      (index) => [userId(index % to.users), userId(spread(index * 7 + 3, to.users)), likeId(index), 1, 1, new Date()],
    )
    for (const table of ['interaction.content_like', 'interaction.comment', 'relation.follow'])
      await admin.query(`analyze table ${table}`)
  } finally {
    await admin.end()
  }
}
