import type { countersChanged } from '@fanone/contracts'
import type { EventHandler } from '@fanone/service-kit'
import type { CountersRepository } from './counters.repository.ts'

/**
 * Applies changed counters. Needs no inbox: events carry totals, and older versions are ignored.
 */
export function countersEvents(counters: CountersRepository) {
  const showCounters: EventHandler<typeof countersChanged> = async ({ data }) => {
    await counters.merge(data.items.filter(({ kind }) => kind === 'video'))
    return 'handled'
  }
  return { 'counters.changed': showCounters }
}
