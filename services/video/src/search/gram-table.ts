import { chunksOf, type EntityManager } from '@fanone/service-kit'
import { gramsOf } from './grams.ts'

const ROWS_AT_A_TIME = 500

/** Which table of grams, and what its rows point at. */
export type GramTable = { table: 'video_gram'; column: 'video_id' } | { table: 'author_gram'; column: 'author_id' }

/**
 * Makes the grams of one thing those of its new text, in the transaction of `em`.
 *
 * @param texts.old the text whose grams are in the table, undefined for none
 * @param texts.new undefined to remove them all
 */
export async function replaceGrams(
  em: EntityManager,
  { table, column }: GramTable,
  id: number,
  texts: { old: string | undefined; new: string | undefined },
): Promise<void> {
  const before = texts.old === undefined ? new Set<number>() : gramsOf(texts.old)
  const after = texts.new === undefined ? new Set<number>() : gramsOf(texts.new)
  for (const grams of chunks([...before].filter((gram) => !after.has(gram))))
    await em.execute(`delete from ${table} where ${column} = ? and gram in (?)`, [id, grams], 'run')
  for (const grams of chunks([...after].filter((gram) => !before.has(gram)))) {
    const rows = grams.map(() => '(?, ?)').join(', ')
    const values = grams.flatMap((gram) => [gram, id])
    await em.execute(`insert ignore into ${table} (gram, ${column}) values ${rows}`, values, 'run')
  }
}

/** In order, as they stand in the table. */
const chunks = (grams: number[]) =>
  chunksOf(
    grams.toSorted((a, b) => a - b),
    ROWS_AT_A_TIME,
  )
