import type { countersChanged } from '@fanone/contracts'
import type { EventHandler } from '@fanone/service-kit'
import type { CountersRepository } from './counters.repository.ts'

/**
 * Keeps the counters of comments. Needs no inbox: events carry totals, and older versions are
 * ignored.
 */
export function countersEvents(counters: CountersRepository) {
  const keepCounters: EventHandler<typeof countersChanged> = async ({ data }) => {
    const ofComments = data.items.filter(({ kind }) => kind === 'comment')
    await counters.merge(
      ofComments.map(({ id, version, likes, comments: replies }) => ({ id, version, likes, replies })),
    )
    return 'handled'
  }
  return { 'counters.changed': keepCounters }
}
