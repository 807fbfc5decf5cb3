import { KeptReading, type Logger, type Worker } from '@fanone/service-kit'
import type { Client } from '../calls/client.ts'

const POLL_MS = 1_000
/** How long an access token may live behind the end of its session. */
const REMEMBERED_MS = 16 * 60_000
/**
 * Read again each time: a session that ended before the last reading may have been committed after
 * it, and the clocks of services differ a little.
 */
const OVERLAP_MS = 30_000

/**
 * The sessions that ended while their access tokens are still good, asked of the user service once
 * a second (docs/decisions/0017-ended-sessions.md). There are never many: each was opened by
 * hashing a password less than a token's life ago, or refreshed since.
 */
export class EndedSessions {
  readonly #user: Pick<Client<'user'>['sessions'], 'listEnded'>
  readonly #now: () => number
  /** When each of them ended, in ms. */
  readonly #ended = new Map<string, number>()
  readonly #reading: KeptReading
  #position: { sessionId: string; endedAt: string } | undefined

  /** @param options.now clock in ms since 1970 */
  constructor(options: { user: Pick<Client<'user'>['sessions'], 'listEnded'>; now?: () => number }) {
    this.#user = options.user
    this.#now = options.now ?? Date.now
    this.#reading = new KeptReading({
      name: 'ended sessions',
      read: () => this.#read(),
      pauseMs: POLL_MS,
      failure: 'the ended sessions could not be read',
    })
  }

  /** @throws ServiceError `unavailable` where the sessions could not be read even once */
  async has(sessionId: string): Promise<boolean> {
    await this.#reading.require()
    return this.#ended.has(sessionId)
  }

  /** Reads what has ended since the last time. */
  load(): Promise<void> {
    return this.#reading.load()
  }

  /** Keeps reading. */
  worker(log: Logger): Worker {
    return this.#reading.worker(log)
  }

  async #read(): Promise<void> {
    let after = this.#position
    for (;;) {
      const { items, isLast, asOf } = await this.#user.listEnded({ after })
      for (const { sessionId, endedAt } of items) this.#ended.set(sessionId, Date.parse(endedAt))
      if (!isLast) {
        after = items.at(-1)
        continue
      }
      this.#position = { sessionId: '', endedAt: new Date(Date.parse(asOf) - OVERLAP_MS).toISOString() }
      return this.#forgetOld()
    }
  }

  #forgetOld(): void {
    const before = this.#now() - REMEMBERED_MS
    for (const [sessionId, endedAt] of this.#ended) if (endedAt < before) this.#ended.delete(sessionId)
  }
}
