import { type ContentCounters, ContentKind, type ContentRef, MAX_BATCH, type UserCounters } from '@fanone/contracts'
import type { Logger } from '@fanone/service-kit'
import { batched } from '../calls/batched.ts'
import type { Client } from '../calls/client.ts'
import { StaleCache } from '../calls/stale-cache.ts'

/** Short, because a page does without rather than wait. */
const TIMEOUT_MS = 800
/**
 * Counters are up to a second late anyhow, and many look at the same. While stats is away old ones
 * are better than none.
 */
const MEMORY = { freshMs: 1_000, staleMs: 1_000, staleIfErrorMs: 60_000, retryMs: 1_000, maxKeys: 10_000 }

export const noContentCounters: ContentCounters = { likes: 0, comments: 0, visits: 0 }
export const noUserCounters: UserCounters = { works: 0, likesReceived: 0, likesGiven: 0, following: 0, followers: 0 }

/**
 * Counters of what is shown, in the order of the ids, any number of them. They are remembered for a
 * second. Whatever stats does, the page is answered: without it, what is not remembered counts
 * zero.
 */
export interface Counters {
  ofContent: (kind: ContentKind, ids: readonly number[]) => Promise<ContentCounters[]>
  ofUsers: (ids: readonly number[]) => Promise<UserCounters[]>
}

export function createCounters(stats: Client<'stats'>, log: Logger): Counters {
  const batches = { maxQuestions: MAX_BATCH, timeoutMs: TIMEOUT_MS }
  const callForContent = batched<ContentRef, ContentCounters>({
    ...batches,
    call: async (targets, context) => (await stats.counters.ofContent({ targets: [...targets] }, { context })).items,
  })
  const callForUser = batched<number, UserCounters>({
    ...batches,
    call: async (ids, context) => (await stats.counters.ofUsers({ ids: [...ids] }, { context })).items,
  })
  const ofKind = (kind: ContentKind) =>
    new StaleCache<number, ContentCounters>({ ...MEMORY, load: (id) => callForContent({ kind, id }) })
  const content = new Map(ContentKind.options.map((kind) => [kind, ofKind(kind)]))
  const users = new StaleCache<number, UserCounters>({ ...MEMORY, load: callForUser })

  const read = async <Found extends object>(
    memory: StaleCache<number, Found>,
    ids: readonly number[],
    none: Found,
  ): Promise<Found[]> => {
    const reads = await Promise.allSettled(ids.map(async (id) => memory.get(id)))
    const failed = reads.find((outcome) => outcome.status === 'rejected')
    if (failed) log.warn({ err: failed.reason }, 'stats does not answer; counters are shown as zero')
    return reads.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : none))
  }

  return {
    ofContent: async (kind, ids) => {
      const found = await read(content.get(kind) as StaleCache<number, ContentCounters>, ids, noContentCounters)
      return found.map(({ likes, comments, visits }) => ({ likes, comments, visits }))
    },
    ofUsers: async (ids) => {
      const found = await read(users, ids, noUserCounters)
      return found.map(({ works, likesReceived, likesGiven, following, followers }) => ({
        works,
        likesReceived,
        likesGiven,
        following,
        followers,
      }))
    },
  }
}
