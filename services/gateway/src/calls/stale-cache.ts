export interface StaleCacheOptions<Key, Value> {
  load: (key: Key) => Promise<Value>
  /** Served without asking anybody. */
  freshMs: number
  /** Served while a new one is fetched behind the reader's back (RFC 5861, stale-while-revalidate). */
  staleMs: number
  /** Served when a new one cannot be had (RFC 5861, stale-if-error). */
  staleIfErrorMs: number
  /** After a failure nobody asks again for this long. */
  retryMs: number
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

/** A cache filled by one caller at a time for each key, that rather answers something old than nothing or late. */
export class StaleCache<Key, Value extends object> {
  readonly #options: StaleCacheOptions<Key, Value>
  readonly #now: () => number
  readonly #entries = new Map<Key, Entry<Value>>()

  constructor(options: StaleCacheOptions<Key, Value>) {
    this.#options = options
    this.#now = options.now ?? Date.now
  }

  /**
   * The value of a key, at once where there is one that may be served.
   *
   * @throws what `load` threw, where there is nothing that may be served instead
   */
  get(key: Key): Value | Promise<Value> {
    const entry = this.#entryOf(key)
    const now = this.#now()
    const ageMs = now - entry.loadedAt
    const isPaused = now - entry.failedAt < this.#options.retryMs
    if (entry.value && ageMs <= this.#options.freshMs) return entry.value
    if (entry.value && ageMs <= this.#options.staleMs) {
      if (!isPaused) this.#load(key, entry).catch(() => undefined)
      return entry.value
    }
    if (isPaused) return this.#insteadOf(entry, entry.failure)
    return this.#load(key, entry).catch((error) => this.#insteadOf(entry, error))
  }

  #entryOf(key: Key): Entry<Value> {
    const known = this.#entries.get(key)
    if (known) return known
    const never = Number.NEGATIVE_INFINITY
    const entry = { value: undefined, loadedAt: never, failedAt: never, failure: undefined, loading: undefined }
    this.#entries.set(key, entry)
    if (this.#entries.size > this.#options.maxKeys) this.#forgetOldest()
    return entry
  }

  #forgetOldest(): void {
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest)
      return
    }
  }

  #insteadOf(entry: Entry<Value>, failure: unknown): Value {
    if (entry.value && this.#now() - entry.loadedAt <= this.#options.staleIfErrorMs) return entry.value
    throw failure
  }

  #load(key: Key, entry: Entry<Value>): Promise<Value> {
    entry.loading ??= this.#options
      .load(key)
      .then(
        (value) => {
          entry.value = value
          entry.loadedAt = this.#now()
          entry.failedAt = Number.NEGATIVE_INFINITY
          return value
        },
        (failure) => {
          entry.failure = failure
          entry.failedAt = this.#now()
          throw failure
        },
      )
      .finally(() => {
        entry.loading = undefined
      })
    return entry.loading
  }
}
