import { type ContentCounters, statsContract, type UserCounters } from '@fanone/contracts'
import { operations } from '@fanone/service-kit'
import type { RankingRepository } from '../ranking/ranking.repository.ts'
import type { RebuildService } from '../rebuild/rebuild.service.ts'
import type { CounterCache } from './counter.cache.ts'
import type { CounterRepository } from './counter.repository.ts'
import { subjectOf } from './subject.ts'

/** The contract of stats, implemented. */
export function statsOperations(services: {
  cache: Pick<CounterCache, 'read'>
  counters: Pick<CounterRepository, 'walk'>
  rankings: RankingRepository
  rebuilds: RebuildService
}) {
  const { cache, counters, rankings, rebuilds } = services
  const stats = operations(statsContract)
  return {
    counters: {
      ofContent: stats.counters.ofContent.handler(async ({ input: { targets } }) => {
        const counts = await cache.read([...new Set(targets.map(({ kind, id }) => subjectOf(kind, id)))])
        return {
          items: targets.map(({ kind, id }) => ({ kind, id, ...contentCounters(counts.get(subjectOf(kind, id))) })),
        }
      }),
      ofUsers: stats.counters.ofUsers.handler(async ({ input: { ids } }) => {
        const counts = await cache.read([...new Set(ids.map((id) => subjectOf('user', id)))])
        return { items: ids.map((id) => ({ id, ...userCounters(counts.get(subjectOf('user', id))) })) }
      }),
      walk: stats.counters.walk.handler(async ({ input }) => {
        const rows = await counters.walk(input)
        return {
          items: rows.map(({ id, version, counts }) => ({ kind: input.kind, id, version, ...contentCounters(counts) })),
        }
      }),
    },
    rankings: {
      get: stats.rankings.get.handler(({ input }) => rankings.read(input.period)),
    },
    rebuilds: {
      start: stats.rebuilds.start.handler(() => rebuilds.start()),
      get: stats.rebuilds.get.handler(({ input }) => rebuilds.get(input.id)),
    },
  }
}

/** Counters from their columns. @param counts nothing, or empty: nothing was ever counted */
export function contentCounters([likes = 0, comments = 0, visits = 0]: number[] = []): ContentCounters {
  return { likes, comments, visits }
}

/** The same for users. */
export function userCounters(counts: number[] = []): UserCounters {
  const [works = 0, likesReceived = 0, likesGiven = 0, following = 0, followers = 0] = counts
  return { works, likesReceived, likesGiven, following, followers }
}
