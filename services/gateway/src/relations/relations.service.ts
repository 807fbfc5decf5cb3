import { type FollowFlags, type FollowList, MAX_BATCH, MAX_VIEWERS, type relationContract } from '@fanone/contracts'
import { Counter, chunksOf, type Identity, type ServiceClient } from '@fanone/service-kit'
import { gathered } from '../calls/gathered.ts'
import { allPages } from '../compat/all-pages.ts'

const READ_TIMEOUT_MS = 3_000
const WRITE_TIMEOUT_MS = 6_000
/** A page is not kept waiting for what it can do without. */
const FLAGS_TIMEOUT_MS = 1_000

const nobody: ReadonlySet<number> = new Set()

/** Who looks at whom. */
interface Viewer {
  userId: number
  otherIds: number[]
}

const flagsMissed = new Counter({
  name: 'fanone_gateway_follow_flags_missed_total',
  help: 'Pages answered without following flags because relation did not answer',
})

/** Who follows whom, as all APIs use it. */
export class RelationsService {
  readonly #relation: ServiceClient<typeof relationContract>
  readonly #flags: (viewer: Viewer) => Promise<FollowFlags[]>

  constructor(relation: ServiceClient<typeof relationContract>) {
    this.#relation = relation
    this.#flags = gathered({
      ask: async (viewers: readonly Viewer[], context) =>
        (await relation.follows.flags({ viewers: [...viewers] }, { context })).flags,
      mostQuestions: MAX_VIEWERS,
      timeoutMs: FLAGS_TIMEOUT_MS,
    })
  }

  /** @returns whether it was different before. @throws ServiceError `user_not_found`, `cannot_follow_self` */
  async follow(identity: Identity, userId: number): Promise<boolean> {
    return (await this.#relation.follows.follow({ userId }, { context: write(identity) })).changed
  }

  /** @returns whether it was different before */
  async unfollow(identity: Identity, userId: number): Promise<boolean> {
    return (await this.#relation.follows.unfollow({ userId }, { context: write(identity) })).changed
  }

  /** Ids, the latest first. @throws ServiceError `malformed_cursor` */
  async list(of: { list: FollowList; userId: number; cursor?: string | undefined; limit: number }) {
    const { cursor, ...rest } = of
    const { items, nextCursor } = await this.#relation.follows.list(
      { ...rest, ...(cursor === undefined ? {} : { cursor }) },
      { context: { timeoutMs: READ_TIMEOUT_MS } },
    )
    return { userIds: items.map(({ userId }) => userId), nextCursor }
  }

  /** Ids, the latest first, and how many there are in all. */
  async page(of: { list: FollowList; userId: number; offset: number; limit: number }) {
    const { items, total } = await this.#relation.follows.page(of, { context: { timeoutMs: READ_TIMEOUT_MS } })
    return { userIds: items.map(({ userId }) => userId), total }
  }

  /** Ids, the latest first, all of them up to 2,000. */
  listAll(of: { list: FollowList; userId: number }): Promise<number[]> {
    return allPages(async (page) => {
      const { userIds, nextCursor } = await this.list({ ...of, ...page })
      return { items: userIds, nextCursor }
    })
  }

  /** How a user stands to up to 100 others. */
  flags(identity: Identity, userIds: number[]): Promise<FollowFlags[]> {
    return this.#flags({ userId: identity.userId, otherIds: userIds })
  }

  /**
   * Whom of these users the viewer follows. What is shown beside something else is no reason to fail: nobody, where relation does not
   * answer or nobody is logged in.
   */
  async followedBy(viewer: Identity | undefined, userIds: number[]): Promise<ReadonlySet<number>> {
    const others = [...new Set(userIds)].filter((id) => id !== viewer?.userId)
    if (!viewer || others.length === 0) return nobody
    try {
      const flags = (await Promise.all(chunksOf(others, MAX_BATCH).map((batch) => this.flags(viewer, batch)))).flat()
      return new Set(flags.filter(({ following }) => following).map(({ userId }) => userId))
    } catch {
      flagsMissed.inc()
      return nobody
    }
  }
}

const write = (identity: Identity) => ({ identity, timeoutMs: WRITE_TIMEOUT_MS })
