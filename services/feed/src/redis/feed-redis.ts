import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RankingPeriod } from '@fanone/contracts'
import { connectRedis, fromRedis, type RedisConnectionOptions } from '@fanone/service-kit'
import type { Redis } from 'ioredis'

/**
 * Redis without Dapr, whose state API has neither sorted sets nor scripts that change several keys.
 * Scripts compute keys from ids they read, so this needs one (or a replicated) Redis, not a Redis
 * cluster.
 */
export interface FeedRedis extends Redis {
  /** See read-page.lua. */
  readPage(
    newest: string,
    built: string,
    changed: string,
    counters: string,
    ...args: (string | number)[]
  ): Promise<PageAnswer | ['same', ...counters: (string | null)[]] | null>
  /** See read-popular.lua. */
  readPopular(
    built: string,
    shown: string,
    counters: string,
    ...args: (string | number)[]
  ): Promise<PageAnswer | ['gone'] | null>
  /** See read-following.lua. */
  readFollowing(
    built: string,
    follows: string,
    counters: string,
    arrivals: string,
    newest: string,
    ...args: (string | number)[]
  ): Promise<PageAnswer | ['stale'] | ['arrived', position: string, ...videos: string[]] | null>
  /** See read-authors.lua. */
  readAuthors(...args: (string | number)[]): Promise<string[][]>
  /** See merge-counters.lua. */
  mergeCounters(counters: string, ...args: (string | number)[]): Promise<number>
  /** See put-ranking.lua. */
  putRanking(shown: string, ...args: (string | number)[]): Promise<0 | 1>
  /** See put-follow.lua. */
  putFollow(follows: string, ...args: (string | number)[]): Promise<1>
  /** See end-follow.lua. */
  endFollow(follows: string, followee: number, seen: string): Promise<0 | 1>
  /** See merge-cards.lua. */
  mergeCards(keyCount: number, ...keysAndArgs: (string | number)[]): Promise<0 | 1>
  /** See put-author.lua. */
  putAuthor(author: string, inbox: string, version: number, json: string, inboxSeconds: number): Promise<0 | 1>
  /** See replace-author.lua. */
  replaceAuthor(author: string, expected: string, json: string): Promise<0 | 1>
  /** See rebuild-lock.lua. */
  rebuildLock(lock: string, built: string, action: string, token: string, argument: string | number): Promise<0 | 1>
}

/**
 * The state of the page; the id to continue after or ''; then for each card: id, card record,
 * author record, counters record if there is one.
 */
export type PageAnswer = [name: string, next: string | number, ...records: (string | null)[]]

/** Format version of the records; a new number makes the timelines be rebuilt. */
const RECORD_FORMAT = 4

/** Every key the feed uses. */
export const keys = {
  newest: 'feed:newest',
  /** Set when the timelines hold the whole catalogue: ms since 1970 of the last rebuild. */
  built: `feed:built:${RECORD_FORMAT}`,
  /** When a card or author last changed, by Redis's clock; the scripts use this name. */
  changed: 'feed:changed',
  rebuildLock: 'feed:rebuild-lock',
  /** There while counters, rankings and follows are not complete. */
  supplementsMissing: 'feed:supplements-missing',
  card: (id: number) => `feed:card:${id}`,
  author: (id: number) => `feed:author:${id}`,
  /** A hash of all counters, by video: `<version>:<JSON>`. */
  counters: 'feed:counters',
  /** Which snapshot of a ranking is shown, and where the snapshots are. */
  ranking: (period: RankingPeriod) => `feed:popular:${RECORD_FORMAT}:${period}`,
  rankingPrefix: (period: RankingPeriod) => `feed:popular:${RECORD_FORMAT}:${period}:`,
  /**
   * Hash of the users that a user follows: the version, negative if the follow ended. The field
   * `added` is when the user last began to follow somebody.
   */
  follows: (userId: number) => `feed:follows:${userId}`,
  /** Stream of the latest videos that the timelines got, in that order: the author, by video. */
  arrivals: 'feed:arrivals',
  /** All users that ever followed somebody. */
  followers: 'feed:followers',
  /** Event ids are unique per source only (CloudEvents 1.0). */
  inbox: (event: { source: string; id: string }) => `feed:inbox:${event.source}:${event.id}`,
}

const lua = (name: string) => readFileSync(join(import.meta.dirname, `${name}.lua`), 'utf8')

const script = (name: string, numberOfKeys?: number) => ({
  lua: lua(name),
  ...(numberOfKeys === undefined ? {} : { numberOfKeys }),
})

/** What answers cards puts them together in one way. */
const pageScript = (name: string, numberOfKeys: number) => ({ lua: `${lua('add-cards')}\n${lua(name)}`, numberOfKeys })

const scripts = {
  readPage: pageScript('read-page', 4),
  readPopular: pageScript('read-popular', 3),
  readFollowing: pageScript('read-following', 5),
  readAuthors: script('read-authors', 0),
  mergeCounters: script('merge-counters', 1),
  putRanking: script('put-ranking', 1),
  putFollow: script('put-follow', 1),
  endFollow: script('end-follow', 1),
  mergeCards: script('merge-cards'),
  putAuthor: script('put-author', 2),
  replaceAuthor: script('replace-author', 1),
  rebuildLock: script('rebuild-lock', 2),
}

/** @param options.address `host:port`, or the path of a unix socket */
export function connectFeedRedis(
  options: Pick<RedisConnectionOptions, 'address' | 'password' | 'log' | 'scriptLimitMs'>,
): FeedRedis {
  return connectRedis({ ...options, scripts }) as FeedRedis
}

/** Waits for the first connection, at most `timeoutMs`. Without one the service starts anyway. */
export async function waitForRedis(redis: Redis, timeoutMs: number): Promise<void> {
  if (redis.status === 'ready') return
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, timeoutMs)
    redis.once('ready', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** Awaits an answer of Redis. @throws what `fromRedis` throws */
export const ask = <Answer>(answer: Promise<Answer>) => fromRedis(answer, 'The timelines do not answer')
