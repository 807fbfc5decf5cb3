import type { rankingUpdated } from '@fanone/contracts'
import type { EventHandler } from '@fanone/service-kit'
import type { PopularRepository } from './popular.repository.ts'

/** What the feed does when a ranking changes. It needs no inbox: a ranking is whole, and older ones are ignored. */
export function popularEvents(popular: PopularRepository) {
  const showRanking: EventHandler<typeof rankingUpdated> = async ({ data }) =>
    (await popular.put(data)) ? 'handled' : 'duplicate'
  return { showRanking }
}
