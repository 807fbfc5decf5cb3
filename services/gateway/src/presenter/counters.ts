import { AsyncLocalStorage } from 'node:async_hooks'
import { type ContentCounters, ContentKind, type ContentRef, MAX_BATCH, type UserCounters } from '@fanone/contracts'
import { Gatherer, type Logger } from '@fanone/service-kit'
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
  const context = { timeoutMs: TIMEOUT_MS }
  const loadContent = together<ContentRef, ContentCounters>(
    async (targets) => (await stats.counters.ofContent({ targets }, { context })).items,
  )
  const loadUser = together<number, UserCounters>(
    async (ids) => (await stats.counters.ofUsers({ ids }, { context })).items,
  )
  const ofKind = (kind: ContentKind) =>
    new StaleCache<number, ContentCounters>({ ...MEMORY, load: (id) => loadContent({ kind, id }) })
  const content = new Map(ContentKind.options.map((kind) => [kind, ofKind(kind)]))
  const users = new StaleCache<number, UserCounters>({ ...MEMORY, load: loadUser })

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

interface Wanted<Key, Value> {
  key: Key
  resolve: (value: Value) => void
  reject: (reason: unknown) => void
  within: <Result>(work: () => Result) => Result
}

/** Loads one by one what `loadMany` loads at once, in its order: that of a page by one call. */
function together<Key, Value>(loadMany: (keys: Key[]) => Promise<Value[]>): (key: Key) => Promise<Value> {
  const gatherer = new Gatherer<Wanted<Key, Value>>({
    maxItems: MAX_BATCH,
    send: async (wanted) => {
      try {
        const load = () => loadMany(wanted.map(({ key }) => key))
        const values = (await wanted[0]?.within(load)) ?? []
        for (const [index, { resolve }] of wanted.entries()) resolve(values[index] as Value)
      } catch (error) {
        for (const { reject } of wanted) reject(error)
      }
    },
  })
  return (key) => {
    const { promise, resolve, reject } = Promise.withResolvers<Value>()
    gatherer.add({ key, resolve, reject, within: AsyncLocalStorage.snapshot() })
    return promise
  }
}
