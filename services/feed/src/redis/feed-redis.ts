import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectRedis, type Logger, ServiceError } from '@fanone/service-kit'
import type { Redis } from 'ioredis'

/**
 * Redis by its own client, because the timelines need sorted sets and scripts that change several keys at once, and Dapr's
 * state API has neither. The scripts reach keys by the ids they read, so this is for one Redis (or a replicated one), not a
 * Redis cluster.
 */
export interface FeedRedis extends Redis {
  /** See read-page.lua. */
  readPage(
    newest: string,
    built: string,
    changed: string,
    ...args: (string | number)[]
  ): Promise<[changed: string, nextId?: string, ...records: string[]] | null>
  /** See merge-cards.lua. */
  mergeCards(keyCount: number, ...keysAndArgs: (string | number)[]): Promise<0 | 1>
  /** See put-author.lua. */
  putAuthor(author: string, inbox: string, version: number, json: string, inboxSeconds: number): Promise<0 | 1>
  /** See replace-author.lua. */
  replaceAuthor(author: string, expected: string, json: string): Promise<0 | 1>
  /** See rebuild-lock.lua. */
  rebuildLock(lock: string, built: string, action: string, token: string, argument: string | number): Promise<0 | 1>
}

/** Counts the changes of what a card or an author holds; a new number has the timelines rebuilt with the new records. */
const RECORD_FORMAT = 2

/** Every key the feed uses. */
export const keys = {
  newest: 'feed:newest',
  /** Set when the timelines hold the whole catalogue: ms since 1970 of the last rebuild. */
  built: `feed:built:${RECORD_FORMAT}`,
  /** When a card or an author was changed last, as Redis's clock tells it; the scripts know it by this name. */
  changed: 'feed:changed',
  rebuildLock: 'feed:rebuild-lock',
  card: (id: number) => `feed:card:${id}`,
  author: (id: number) => `feed:author:${id}`,
  /** Event ids are unique per source only (CloudEvents 1.0). */
  inbox: (event: { source: string; id: string }) => `feed:inbox:${event.source}:${event.id}`,
}

const script = (name: string, numberOfKeys?: number) => ({
  lua: readFileSync(join(import.meta.dirname, `${name}.lua`), 'utf8'),
  ...(numberOfKeys === undefined ? {} : { numberOfKeys }),
})

const scripts = {
  readPage: script('read-page', 3),
  mergeCards: script('merge-cards'),
  putAuthor: script('put-author', 2),
  replaceAuthor: script('replace-author', 1),
  rebuildLock: script('rebuild-lock', 2),
}

/** @param options.address `host:port`, or the path of a unix socket */
export function connectFeedRedis(options: { address: string; password?: string; log: Logger }): FeedRedis {
  return connectRedis({ ...options, scripts }) as FeedRedis
}

/** Waits for the first connection, at most `timeoutMs`; without one the service starts anyway and recovers later. */
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

/** What a Redis says that is there but cannot serve now. */
const busyReply = /^(LOADING|READONLY|OOM|BUSY|MASTERDOWN|MISCONF)\b/

/**
 * Awaits an answer of Redis.
 *
 * @throws ServiceError `unavailable` where Redis cannot be reached or cannot serve; a faulty command is passed on as it is
 */
export async function ask<Answer>(answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer
  } catch (error) {
    const isFault = error instanceof Error && error.name === 'ReplyError' && !busyReply.test(error.message)
    if (isFault) throw error
    throw new ServiceError('unavailable', { detail: 'The timelines do not answer', retryAfterSeconds: 1, cause: error })
  }
}
