import type { countersChanged } from '@fanone/contracts'
import type { EventHandler } from '@fanone/service-kit'
import type { CountersRepository } from './counters.repository.ts'

/** What the feed does when counters change. It needs no inbox: they are what they are now, and older ones are ignored. */
export function countersEvents(counters: CountersRepository) {
  const showCounters: EventHandler<typeof countersChanged> = async ({ data }) => {
    await counters.merge(data.items.filter(({ kind }) => kind === 'video'))
    return 'handled'
  }
  return { showCounters }
}
