import { foldText } from '@fanone/service-kit'

/** Between two texts that are searched as one: no keyword can hold it, so none matches across. */
export const TEXT_END = '\u0000'

const CODE_POINTS = 0x200000
/** More parts of a keyword hardly narrow the candidates, and each costs a look-up per candidate. */
const MAX_GRAMS = 5

/** In the grams of everything: what all have in common. */
const EVERYTHING = 0

/** One character. */
const unigram = (character: number) => character * CODE_POINTS

/** Two characters that follow each other, as one number below 2^42. */
const bigram = (first: number, second: number) => first * CODE_POINTS + second

/** A text as it is searched: folded, its parts divided. */
export const searchText = (...parts: string[]) => parts.map(foldText).join(TEXT_END)

/**
 * The grams of a text: each character, each two consecutive ones, and the one that all texts have.
 *
 * @param text as `searchText` makes it
 */
export function gramsOf(text: string): Set<number> {
  const grams = new Set([EVERYTHING])
  for (const part of text.split(TEXT_END)) {
    const points = [...part].map((character) => character.codePointAt(0) as number)
    for (const [index, point] of points.entries()) {
      grams.add(unigram(point))
      const next = points[index + 1]
      if (next !== undefined) grams.add(bigram(point, next))
    }
  }
  return grams
}

/**
 * A few grams that every text with a keyword must have. They select candidates for a closer look.
 *
 * @param keyword folded
 */
export function candidateGrams(keyword: string): number[] {
  const points = [...keyword].map((character) => character.codePointAt(0) as number)
  if (points.length === 0) return [EVERYTHING]
  if (points.length === 1) return [unigram(points[0] as number)]
  const all = [...new Set(points.slice(1).map((point, index) => bigram(points[index] as number, point)))]
  const step = Math.max(1, all.length / MAX_GRAMS)
  return Array.from({ length: Math.min(all.length, MAX_GRAMS) }, (_, index) => all[Math.floor(index * step)] as number)
}
