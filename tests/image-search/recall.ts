import { changes } from './changed-pictures.ts'

/** Makes numbers of pictures; the more alike two are, the larger is the sum of their products. */
export type Describe = (pictures: readonly Buffer[]) => Promise<readonly Float32Array[]>

/** Shares of all queries, from 0 to 1. */
export interface Recall {
  /** The picture itself is the first that is found. */
  atOne: number
  /** It is among the first ten. */
  atTen: number
}

/**
 * How often a changed picture finds what it was made of.
 *
 * @param options.pictures among which it is to be found
 * @param options.queries how many of them are changed
 * @returns by change, and of all of them together as `all`
 */
export async function measureRecall(options: {
  pictures: readonly Buffer[]
  queries: number
  describe: Describe
}): Promise<Map<string, Recall>> {
  const { pictures, queries, describe } = options
  const known = await describe(pictures)
  const measured = new Map<string, Recall>()
  for (const [name, change] of Object.entries(changes)) {
    const changed = await describe(await Promise.all(pictures.slice(0, queries).map(change)))
    const ranks = changed.map((query, index) => rankOf(index, query, known))
    measured.set(name, { atOne: shareWithin(ranks, 1), atTen: shareWithin(ranks, 10) })
  }
  const all = [...measured.values()]
  const mean = (pick: (one: Recall) => number) => all.reduce((sum, one) => sum + pick(one), 0) / all.length
  return measured.set('all', { atOne: mean(({ atOne }) => atOne), atTen: mean(({ atTen }) => atTen) })
}

/** 1 is the most alike. */
function rankOf(wanted: number, query: Float32Array, known: readonly Float32Array[]): number {
  const likeness = known.map((one) => one.reduce((sum, value, index) => sum + value * (query[index] ?? 0), 0))
  const own = likeness[wanted] ?? 0
  return likeness.filter((other) => other > own).length + 1
}

const shareWithin = (ranks: readonly number[], most: number) =>
  ranks.filter((rank) => rank <= most).length / ranks.length
