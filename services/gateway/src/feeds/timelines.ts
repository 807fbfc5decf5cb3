import type { feedContract } from '@fanone/contracts'
import type { ServiceClient } from '@fanone/service-kit'
import pMemoize from 'p-memoize'

export type Timelines = Pick<
  ServiceClient<typeof feedContract>['timelines'],
  'newest' | 'popular' | 'between' | 'following'
>

/**
 * Who asks for a page while the same one is being fetched for another shares the answer, which is of the same moment for all
 * and kept for nobody who comes later.
 */
const sharing = { cacheKey: (input: unknown[]) => JSON.stringify(input), cache: false } as const

/** The timelines. Pages that are the same for everybody are shared between requests, so callers copy them and never change them. */
export function shareTimelines({ timelines }: ServiceClient<typeof feedContract>): Timelines {
  return {
    newest: pMemoize((input) => timelines.newest(input), sharing),
    popular: pMemoize((input) => timelines.popular(input), sharing),
    between: pMemoize((input) => timelines.between(input), sharing),
    following: (input) => timelines.following(input),
  }
}
