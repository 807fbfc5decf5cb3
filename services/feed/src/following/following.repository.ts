import { ask, type FeedRedis, keys, type PageAnswer } from '../redis/feed-redis.ts'
import type { NewestQuery } from './newest-of-many.ts'
import type { Window, WindowVideo } from './window.ts'

/** One follow, from an event or from the relation service. */
export interface Follow {
  followerId: number
  followeeId: number
  version: number
}

/** Most arrivals that one command brings a window; the first is one that it has. */
const ARRIVALS_AT_A_TIME = 500
/** Fields that one command reads of a long hash. */
const FIELDS_AT_A_TIME = 500

/** What Redis says about a page that a window proposes. */
export type WindowAnswer =
  | { outcome: 'stale' }
  | { outcome: 'arrived'; seen: string; videos: WindowVideo[] }
  | { outcome: 'page'; seen: string; gone: number[]; isFull: boolean; records: PageAnswer }

/** Who follows whom, for the following timelines. */
export class FollowingRepository {
  readonly #redis: FeedRedis

  constructor(redis: FeedRedis) {
    this.#redis = redis
  }

  /**
   * Stores what is newer than the stored state.
   *
   * @param isActive whether the follows began or ended
   */
  async merge(follows: Follow[], isActive: boolean): Promise<void> {
    for (const [followerId, group] of Map.groupBy(follows, (follow) => follow.followerId)) {
      const args = group.flatMap(({ followeeId, version }) => [followeeId, version, isActive ? 1 : 0])
      const added = this.#redis.sadd(keys.followers, followerId)
      await ask(Promise.all([added, this.#redis.putFollow(keys.follows(followerId), ...args)]))
    }
  }

  /** Every follow that is known and has not ended. */
  async *all(): AsyncGenerator<Follow> {
    for await (const ids of this.#redis.sscanStream(keys.followers, { count: 500 }) as AsyncIterable<string[]>) {
      for (const id of ids) {
        for await (const follow of this.#followsOf(Number(id))) yield follow
      }
    }
  }

  /** Every follow of a user that has not ended, in small steps: some follow many thousands. */
  async *#followsOf(followerId: number): AsyncGenerator<Follow> {
    let cursor = '0'
    do {
      const [next, fields] = await ask(this.#redis.hscan(keys.follows(followerId), cursor, 'COUNT', FIELDS_AT_A_TIME))
      for (let at = 0; at < fields.length; at += 2) {
        const [followee, version] = [fields[at], fields[at + 1]] as [string, string]
        if (followee === 'added' || version.startsWith('-')) continue
        yield { followerId, followeeId: Number(followee), version: Number(version) }
      }
      cursor = next
    } while (cursor !== '0')
  }

  /** Whom a user follows. */
  async followeesOf(userId: number): Promise<number[]> {
    const ids = new Set<number>()
    for await (const { followeeId } of this.#followsOf(userId)) ids.add(followeeId)
    return [...ids]
  }

  /** Ends a follow that the relation service does not have, unless a newer version has arrived. */
  async end({ followerId, followeeId, version }: Follow): Promise<void> {
    await ask(this.#redis.endFollow(keys.follows(followerId), followeeId, String(version)))
  }

  /** What a window that is made from now on has at least. */
  async stateOf(userId: number): Promise<{ seen: string; added: string }> {
    const [last, added] = await ask(
      Promise.all([
        this.#redis.xrevrange(keys.arrivals, '+', '-', 'COUNT', 1),
        this.#redis.hget(keys.follows(userId), 'added'),
      ]),
    )
    return { seen: last[0]?.[0] ?? '', added: added ?? '' }
  }

  /** See `newestOfMany`. */
  async newestOf({ authors, fromId, count }: NewestQuery): Promise<number[][]> {
    const args = authors.flatMap(({ authorId, beforeId }) => [
      authorId,
      beforeId > Number.MAX_SAFE_INTEGER ? '+inf' : beforeId,
    ])
    const found = await ask(this.#redis.readAuthors(fromId, count, ...args))
    return found.map((ids) => ids.map(Number))
  }

  /**
   * Reads the cards that a window proposes and that are to be shown.
   *
   * @param request.limit most cards
   * @returns undefined while the timelines are not built
   */
  async readPage(request: {
    userId: number
    window: Window
    videos: WindowVideo[]
    limit: number
  }): Promise<WindowAnswer | undefined> {
    const { userId, window, videos, limit } = request
    const pageKeys = [keys.built, keys.follows(userId), keys.counters, keys.arrivals, keys.newest] as const
    const args = [window.seen, window.added, limit, ARRIVALS_AT_A_TIME + 1]
    const proposed = videos.flatMap(({ id, authorId }) => [id, authorId])
    const answer = await ask(this.#redis.readFollowing(...pageKeys, ...args, ...proposed))
    return answer ? readAnswer(answer) : undefined
  }
}

function readAnswer(answer: PageAnswer | ['stale'] | ['arrived', string, ...string[]]): WindowAnswer {
  if (answer[0] === 'stale') return { outcome: 'stale' }
  if (answer[0] === 'arrived') {
    const [, seen, ...rest] = answer as ['arrived', string, ...string[]]
    const videos: WindowVideo[] = []
    for (let at = 0; at < rest.length; at += 2) videos.push({ id: Number(rest[at]), authorId: Number(rest[at + 1]) })
    return { outcome: 'arrived', seen, videos }
  }
  const records = answer as PageAnswer
  const [seen = '', ...gone] = records[0].split(' ')
  return { outcome: 'page', seen, gone: gone.map(Number), isFull: records[1] === '1', records }
}
