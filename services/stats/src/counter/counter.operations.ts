import type { ContentCounters, statsContract, UserCounters } from '@fanone/contracts'
import type { Operations } from '@fanone/service-kit'
import type { CounterCache } from './counter.cache.ts'
import type { CounterRepository } from './counter.repository.ts'
import { subjectOf } from './subject.ts'

export const counterOperations = (services: {
  cache: Pick<CounterCache, 'read'>
  counters: Pick<CounterRepository, 'walk'>
}): Operations<typeof statsContract.counters> => ({
  ofContent: async ({ input: { targets } }) => {
    const counts = await services.cache.read([...new Set(targets.map(({ kind, id }) => subjectOf(kind, id)))])
    return {
      items: targets.map(({ kind, id }) => ({ kind, id, ...contentCounters(counts.get(subjectOf(kind, id))) })),
    }
  },
  ofUsers: async ({ input: { ids } }) => {
    const counts = await services.cache.read([...new Set(ids.map((id) => subjectOf('user', id)))])
    return { items: ids.map((id) => ({ id, ...userCounters(counts.get(subjectOf('user', id))) })) }
  },
  walk: async ({ input }) => {
    const rows = await services.counters.walk(input)
    return {
      items: rows.map(({ id, version, counts }) => ({ kind: input.kind, id, version, ...contentCounters(counts) })),
    }
  },
})

/** Counters from their columns. @param counts nothing, or empty: nothing was ever counted */
export function contentCounters([likes = 0, comments = 0, visits = 0]: number[] = []): ContentCounters {
  return { likes, comments, visits }
}

/** The same for users. */
export function userCounters(counts: number[] = []): UserCounters {
  const [works = 0, likesReceived = 0, likesGiven = 0, following = 0, followers = 0] = counts
  return { works, likesReceived, likesGiven, following, followers }
}
