import {
  type ContentCounters,
  type ContentKind,
  type ContentRef,
  MAX_BATCH,
  type statsContract,
  type UserCounters,
} from '@fanone/contracts'
import type { Logger, ServiceClient } from '@fanone/service-kit'
import { gathered } from '../calls/gathered.ts'
import { StaleCache } from '../calls/stale-cache.ts'

/** Short, because a page does without rather than wait. */
const TIMEOUT_MS = 800
/** Counters are up to a second late anyhow, and many look at the same. When stats does not answer, old ones are better than none. */
const MEMORY = { freshMs: 1_000, staleMs: 1_000, staleIfErrorMs: 60_000, retryMs: 1_000, maxKeys: 10_000 }

export const noContentCounters: ContentCounters = { likes: 0, comments: 0, visits: 0 }
export const noUserCounters: UserCounters = { works: 0, likesReceived: 0, likesGiven: 0, following: 0, followers: 0 }

/** Something with its counters beside it, as the views take it. */
export type Counted<Item, Counters> = Item & { counters: Counters }

/**
 * Puts counters on what carries none; cards of the feed have theirs already. They are remembered for a second. Whatever stats does, the page
 * is answered: without it, what is not remembered counts zero.
 */
export class CountersService {
  readonly #ofContent: Record<ContentKind, StaleCache<number, ContentCounters>>
  readonly #ofUsers: StaleCache<number, UserCounters>
  readonly #log: Logger

  constructor(stats: ServiceClient<typeof statsContract>, log: Logger) {
    const batches = { mostQuestions: MAX_BATCH, timeoutMs: TIMEOUT_MS }
    const askForContent = gathered<ContentRef, ContentCounters>({
      ...batches,
      ask: async (targets, context) => (await stats.counters.ofContent({ targets: [...targets] }, { context })).items,
    })
    const askForUser = gathered<number, UserCounters>({
      ...batches,
      ask: async (ids, context) => (await stats.counters.ofUsers({ ids: [...ids] }, { context })).items,
    })
    const ofKind = (kind: ContentKind) =>
      new StaleCache<number, ContentCounters>({ ...MEMORY, load: (id) => askForContent({ kind, id }) })
    this.#ofContent = {
      video: ofKind('video'),
      comment: ofKind('comment'),
      article: ofKind('article'),
      answer: ofKind('answer'),
    }
    this.#ofUsers = new StaleCache({ ...MEMORY, load: askForUser })
    this.#log = log
  }

  /** Videos, comments, … with their counters, in the order given. Any number of them. */
  async onContent<Item extends { id: number }>(
    kind: ContentKind,
    items: readonly Item[],
  ): Promise<Counted<Item, ContentCounters>[]> {
    const known = await this.#read(this.#ofContent[kind], items)
    return items.map((item, index) => {
      const { likes, comments, visits } = known[index] ?? noContentCounters
      return { ...item, counters: { likes, comments, visits } }
    })
  }

  /** Users with their counters, in the order given. Any number of them. */
  async onUsers<User extends { id: number }>(users: readonly User[]): Promise<Counted<User, UserCounters>[]> {
    const known = await this.#read(this.#ofUsers, users)
    return users.map((user, index) => {
      const { works, likesReceived, likesGiven, following, followers } = known[index] ?? noUserCounters
      return { ...user, counters: { works, likesReceived, likesGiven, following, followers } }
    })
  }

  async onVideo<Item extends { id: number }>(video: Item): Promise<Counted<Item, ContentCounters>> {
    const [counted] = await this.onContent('video', [video])
    return counted ?? { ...video, counters: noContentCounters }
  }

  async onUser<User extends { id: number }>(user: User): Promise<Counted<User, UserCounters>> {
    const [counted] = await this.onUsers([user])
    return counted ?? { ...user, counters: noUserCounters }
  }

  /** @returns in the order of the items; undefined for what cannot be had */
  async #read<Counters extends object>(
    memory: StaleCache<number, Counters>,
    items: readonly { id: number }[],
  ): Promise<(Counters | undefined)[]> {
    const reads = await Promise.allSettled(items.map(async ({ id }) => memory.get(id)))
    const failed = reads.find((read) => read.status === 'rejected')
    if (failed) this.#log.warn({ err: failed.reason }, 'stats does not answer; counters are shown as zero')
    return reads.map((read) => (read.status === 'fulfilled' ? read.value : undefined))
  }
}
