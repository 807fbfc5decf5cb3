import pMemoize from 'p-memoize'
import type { Client } from '../calls/client.ts'

export type Timelines = Pick<Client<'feed'>['timelines'], 'newest' | 'popular' | 'between' | 'following'>

/**
 * Requests for a page that is already being fetched share the answer; nothing is kept for later
 * ones.
 */
const sharing = { cacheKey: (input: unknown[]) => JSON.stringify(input), cache: false } as const

/**
 * The timelines. Pages that are the same for everybody are shared between requests: callers must
 * copy, not mutate.
 */
export function shareTimelines({ timelines }: Client<'feed'>): Timelines {
  return {
    newest: pMemoize((input) => timelines.newest(input), sharing),
    popular: pMemoize((input) => timelines.popular(input), sharing),
    between: pMemoize((input) => timelines.between(input), sharing),
    following: (input) => timelines.following(input),
  }
}
