import { LRUCache } from 'lru-cache'

export interface StaleCacheOptions<Key, Value, Context> {
  load: (key: Key, context: Context) => Promise<Value>
  /** Served without asking anybody. */
  freshMs: number
  /**
   * Served while a new one is fetched behind the reader's back (RFC 5861, stale-while-revalidate).
   */
  staleMs: number
  /** Served when a new one cannot be had (RFC 5861, stale-if-error). */
  staleIfErrorMs: number
  /** After an outage nobody asks again for this long. */
  retryMs: number
  /** Which failures are outages; all of them if left out. */
  isOutage?: (failure: unknown) => boolean
  /** The least recently read are forgotten. */
  maxKeys: number
  /** Clock in ms. */
  now?: () => number
}

interface Entry<Value> {
  value: Value | undefined
  loadedAt: number
  failedAt: number
  failure: unknown
  loading: Promise<Value> | undefined
}

/**
 * A cache filled by one caller at a time for each key, that answers something old rather than
 * nothing or late. lru-cache holds the entries; its own stale answers know no upper age and no
 * pause after a failure.
 */
export class StaleCache<Key extends string | number, Value extends object, Context = void> {
  readonly #options: StaleCacheOptions<Key, Value, Context>
  readonly #now: () => number
  readonly #entries: LRUCache<Key, Entry<Value>>

  constructor(options: StaleCacheOptions<Key, Value, Context>) {
    this.#options = options
    this.#now = options.now ?? Date.now
    this.#entries = new LRUCache({ max: options.maxKeys })
  }

  /**
   * The value of a key, at once where there is one that may be served.
   *
   * @throws what `load` threw, where there is nothing that may be served instead
   */
  get(key: Key, context: Context): Value | Promise<Value> {
    const entry = this.#entryOf(key)
    const now = this.#now()
    const ageMs = now - entry.loadedAt
    const isPaused = now - entry.failedAt < this.#options.retryMs
    if (entry.value && ageMs <= this.#options.freshMs) return entry.value
    if (entry.value && ageMs <= this.#options.staleMs) {
      if (!isPaused) this.#load(key, entry, context).catch(() => undefined)
      return entry.value
    }
    if (isPaused) return this.#insteadOf(entry, entry.failure)
    return this.#load(key, entry, context).catch((error) => this.#insteadOf(entry, error))
  }

  #entryOf(key: Key): Entry<Value> {
    const known = this.#entries.get(key)
    if (known) return known
    const never = Number.NEGATIVE_INFINITY
    const entry = { value: undefined, loadedAt: never, failedAt: never, failure: undefined, loading: undefined }
    this.#entries.set(key, entry)
    return entry
  }

  #insteadOf(entry: Entry<Value>, failure: unknown): Value {
    const { staleIfErrorMs } = this.#options
    if (entry.value && this.#isOutage(failure) && this.#now() - entry.loadedAt <= staleIfErrorMs) return entry.value
    throw failure
  }

  #isOutage(failure: unknown): boolean {
    return this.#options.isOutage?.(failure) ?? true
  }

  #load(key: Key, entry: Entry<Value>, context: Context): Promise<Value> {
    entry.loading ??= this.#options
      .load(key, context)
      .then(
        (value) => {
          entry.value = value
          entry.loadedAt = this.#now()
          entry.failedAt = Number.NEGATIVE_INFINITY
          return value
        },
        (failure) => {
          entry.failure = failure
          if (this.#isOutage(failure)) entry.failedAt = this.#now()
          throw failure
        },
      )
      .finally(() => {
        entry.loading = undefined
      })
    return entry.loading
  }
}
