import type { Card, CloudEvent } from '@fanone/contracts'
import { ask, type FeedRedis, keys } from '../redis/feed-redis.ts'
import { INBOX_SECONDS } from '../timeline/timeline.repository.ts'

export type Author = Card['author']

/**
 * Authors known to the feed, one record each, so that a new name shows on all their cards at once.
 */
export class AuthorRepository {
  readonly #redis: FeedRedis

  constructor(redis: FeedRedis) {
    this.#redis = redis
  }

  /** The stored records, null for unknown authors; only to pass back to `replace`. */
  records(ids: number[]): Promise<(string | null)[]> {
    return ids.length === 0 ? Promise.resolve([]) : ask(this.#redis.mget(...ids.map(keys.author)))
  }

  /** Stores a profile unless something newer came since `record` was read. */
  async replace(author: Author, record: string | null): Promise<void> {
    await ask(this.#redis.replaceAuthor(keys.author(author.id), record ?? '', JSON.stringify(author)))
  }

  /** Hides an author in the same way. */
  async hide(id: number, record: string): Promise<void> {
    await ask(this.#redis.replaceAuthor(keys.author(id), record, ''))
  }

  /**
   * Applies an event of a user, once and only if it is newer than the record.
   *
   * @param author.isHidden leaves out the cards of the author
   * @returns false if the event was applied before
   */
  async applyOnce(
    event: CloudEvent,
    { isHidden = false, ...author }: Author & { isHidden?: boolean | undefined },
    version: number,
  ): Promise<boolean> {
    const json = isHidden ? '' : JSON.stringify(author)
    const [key, inbox] = [keys.author(author.id), keys.inbox(event)]
    return (await ask(this.#redis.putAuthor(key, inbox, version, json, INBOX_SECONDS))) === 1
  }
}
