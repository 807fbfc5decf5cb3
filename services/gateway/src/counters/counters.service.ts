import {
  type ContentCounters,
  type ContentKind,
  MOST_IN_BATCH,
  type statsContract,
  type UserCounters,
} from '@fanone/contracts'
import { chunksOf, type Logger, type ServiceClient } from '@fanone/service-kit'

/** Short, because a page does without rather than wait. */
const TIMEOUT_MS = 800

export const noContentCounters: ContentCounters = { likes: 0, comments: 0, visits: 0 }
export const noUserCounters: UserCounters = { works: 0, likesReceived: 0, likesGiven: 0, following: 0, followers: 0 }

/** Something with its counters beside it, as the views take it. */
export type Counted<Item, Counters> = Item & { counters: Counters }

/**
 * Puts counters on what carries none; cards of the feed have theirs already. Whatever stats does, the page is answered: without it,
 * everything counts zero.
 */
export class CountersService {
  readonly #stats: ServiceClient<typeof statsContract>
  readonly #log: Logger

  constructor(stats: ServiceClient<typeof statsContract>, log: Logger) {
    this.#stats = stats
    this.#log = log
  }

  /** Videos, comments, … with their counters, in the order given. Any number of them. */
  async onContent<Item extends { id: number }>(
    kind: ContentKind,
    items: readonly Item[],
  ): Promise<Counted<Item, ContentCounters>[]> {
    const known = await this.#ask(items, async (ids) => {
      const targets = ids.map((id) => ({ kind, id }))
      return (await this.#stats.counters.ofContent({ targets }, { context: { timeoutMs: TIMEOUT_MS } })).items
    })
    return items.map((item) => {
      const { likes, comments, visits } = known.get(item.id) ?? noContentCounters
      return { ...item, counters: { likes, comments, visits } }
    })
  }

  /** Users with their counters, in the order given. Any number of them. */
  async onUsers<User extends { id: number }>(users: readonly User[]): Promise<Counted<User, UserCounters>[]> {
    const known = await this.#ask(
      users,
      async (ids) => (await this.#stats.counters.ofUsers({ ids }, { context: { timeoutMs: TIMEOUT_MS } })).items,
    )
    return users.map((user) => {
      const { id: _, ...counters } = known.get(user.id) ?? { id: user.id, ...noUserCounters }
      return { ...user, counters }
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

  /** @returns what is known by id; nothing where stats does not answer */
  async #ask<Answer extends { id: number }>(
    items: readonly { id: number }[],
    ask: (ids: number[]) => Promise<Answer[]>,
  ): Promise<Map<number, Answer>> {
    const ids = [...new Set(items.map(({ id }) => id))]
    const answers = await Promise.all(
      chunksOf(ids, MOST_IN_BATCH).map((batch) =>
        ask(batch).catch((error) => {
          this.#log.warn({ err: error }, 'stats does not answer; counters are shown as zero')
          return []
        }),
      ),
    )
    return new Map(answers.flat().map((answer) => [answer.id, answer]))
  }
}
