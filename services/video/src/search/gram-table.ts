import { chunksOf, type EntityManager, kysely } from '@fanone/service-kit'
import type { AuthorGramEntity } from '../author/author.entity.ts'
import { gramsOf } from './grams.ts'
import type { VideoGramEntity } from './search.entity.ts'

const ROWS_AT_A_TIME = 500

/** The grams of one thing in its table. */
interface StoredGrams {
  add(grams: number[]): Promise<unknown>
  remove(grams: number[]): Promise<unknown>
}

export function videoGrams(em: EntityManager, videoId: number): StoredGrams {
  const table = kysely<typeof VideoGramEntity>(em)
  return {
    add: (grams) => {
      const rows = grams.map((gram) => ({ gram, video_id: videoId }))
      return table.insertInto('video_gram').ignore().values(rows).execute()
    },
    remove: (grams) =>
      table.deleteFrom('video_gram').where('video_id', '=', videoId).where('gram', 'in', grams).execute(),
  }
}

export function authorGrams(em: EntityManager, authorId: number): StoredGrams {
  const table = kysely<typeof AuthorGramEntity>(em)
  return {
    add: (grams) => {
      const rows = grams.map((gram) => ({ gram, author_id: authorId }))
      return table.insertInto('author_gram').ignore().values(rows).execute()
    },
    remove: (grams) =>
      table.deleteFrom('author_gram').where('author_id', '=', authorId).where('gram', 'in', grams).execute(),
  }
}

/**
 * Makes the grams of one thing those of its new text.
 *
 * @param texts.old the text whose grams are stored, undefined for none
 * @param texts.new undefined to remove them all
 */
export async function replaceGrams(
  stored: StoredGrams,
  texts: { old: string | undefined; new: string | undefined },
): Promise<void> {
  const before = texts.old === undefined ? new Set<number>() : gramsOf(texts.old)
  const after = texts.new === undefined ? new Set<number>() : gramsOf(texts.new)
  for (const grams of inOrder(before.difference(after))) await stored.remove(grams)
  for (const grams of inOrder(after.difference(before))) await stored.add(grams)
}

/** In chunks, in the order in which they stand in the table. */
const inOrder = (grams: Set<number>) =>
  chunksOf(
    [...grams].toSorted((a, b) => a - b),
    ROWS_AT_A_TIME,
  )
