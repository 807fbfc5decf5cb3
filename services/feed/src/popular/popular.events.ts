import type { rankingUpdated } from '@fanone/contracts'
import type { EventHandler } from '@fanone/service-kit'
import type { PopularRepository } from './popular.repository.ts'

/**
 * Stores rankings. Needs no inbox: an event carries the whole ranking, and older versions are
 * ignored.
 */
export function popularEvents(popular: PopularRepository) {
  const showRanking: EventHandler<typeof rankingUpdated> = async ({ data }) =>
    (await popular.put(data)) ? 'handled' : 'duplicate'
  return { 'ranking.updated': showRanking }
}
