import { chunksOf } from '@fanone/service-kit'
import type { WindowVideo } from './window.ts'

/** What the newest videos of some authors are asked with. */
export interface NewestQuery {
  authors: { authorId: number; beforeId: number }[]
  /** The oldest id that is wanted. */
  fromId: number
  /** Most of each author. */
  count: number
}

/** @returns the ids of each author, newest first */
export type ReadNewest = (query: NewestQuery) => Promise<number[][]>

/** Bounds on one question, which takes Redis about half a millisecond. */
const AUTHORS_AT_A_TIME = 200
const VIDEOS_AT_A_TIME = 1_000

/** How far an author has been read. */
interface Cursor {
  authorId: number
  beforeId: number
}

/**
 * The newest videos of many authors, read only as deep as needed: a few of each at first, then more
 * of those only who may have more among the newest, twice as many each time.
 *
 * @param options.beforeId ids from here on are left out
 * @returns newest first
 */
export async function newestOfMany(
  read: ReadNewest,
  options: { authorIds: number[]; beforeId: number; count: number },
): Promise<WindowVideo[]> {
  const { beforeId, count } = options
  let open: Cursor[] = options.authorIds.map((authorId) => ({ authorId, beforeId }))
  let videos: WindowVideo[] = []
  let fromId = 0
  let each = Math.min(count, Math.max(1, Math.ceil((2 * count) / Math.max(1, open.length))))
  while (open.length > 0) {
    const { found, unfinished } = await readOnce(read, { open, fromId, each })
    videos = videos
      .concat(found)
      .sort((a, b) => b.id - a.id)
      .slice(0, count)
    if (videos.length === count) fromId = videos[count - 1]?.id ?? 0
    open = unfinished.filter((cursor) => cursor.beforeId > fromId)
    each = Math.min(count, 2 * each)
  }
  return videos
}

/** @returns what was found, and the authors who may have more */
async function readOnce(read: ReadNewest, step: { open: Cursor[]; fromId: number; each: number }) {
  const { open, fromId, each } = step
  const found: WindowVideo[] = []
  const unfinished: Cursor[] = []
  const size = Math.max(1, Math.min(AUTHORS_AT_A_TIME, Math.floor(VIDEOS_AT_A_TIME / each)))
  for (const authors of chunksOf(open, size)) {
    const answers = await read({ authors, fromId, count: each })
    for (const [index, ids] of answers.entries()) {
      const { authorId } = authors[index] as Cursor
      for (const id of ids) found.push({ id, authorId })
      if (ids.length === each) unfinished.push({ authorId, beforeId: ids.at(-1) as number })
    }
  }
  return { found, unfinished }
}
