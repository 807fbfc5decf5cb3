import type { ContentCounters } from '@fanone/contracts'
import type { PageAnswer } from '../redis/feed-redis.ts'

/**
 * Cards as JSON texts that are joined unparsed: facts, author, and counters, which change most
 * often.
 */
export interface CardTexts {
  /** The id of each, in a ranking `<id>:<visits>`. */
  names: string[]
  /** JSON of each card up to its counters. */
  open: string[]
}

const noCounters: ContentCounters = { likes: 0, comments: 0, visits: 0 }
const NO_COUNTERS = JSON.stringify(noCounters)

/**
 * Reads the records of a page.
 *
 * @returns the cards and the counters record of each, null if it has none
 */
export function readRecords(answer: PageAnswer): { cards: CardTexts; counters: (string | null)[] } {
  const cards: CardTexts = { names: [], open: [] }
  const counters: (string | null)[] = []
  for (let at = 2; at + 2 < answer.length; at += 4) {
    cards.names.push(answer[at] as string)
    cards.open.push(
      `${jsonOf(answer[at + 1] as string).slice(0, -1)},"author":${jsonOf(answer[at + 2] as string)},"counters":`,
    )
    counters.push((answer[at + 3] as string | null | undefined) ?? null)
  }
  return { cards, counters }
}

/** JSON of an array of cards. @param counters the records of their counters, in the same order */
export function joinCards({ open }: CardTexts, counters: readonly (string | null)[]): string {
  let text = '['
  for (let at = 0; at < open.length; at++) {
    const record = counters[at]
    text += `${at === 0 ? '' : ','}${open[at]}${record ? jsonOf(record) : NO_COUNTERS}}`
  }
  return `${text}]`
}

/** JSON of an array of the cards of both. */
export function joinPages(first: string, second: string): string {
  if (first === '[]' || second === '[]') return first === '[]' ? second : first
  return `${first.slice(0, -1)},${second.slice(1)}`
}

export function readCounters(record: string | null): ContentCounters {
  return record ? (JSON.parse(jsonOf(record)) as ContentCounters) : noCounters
}

/** The JSON of a record; its version and what else the scripts look at stand before it. */
const jsonOf = (record: string) => record.slice(record.indexOf('{'))
