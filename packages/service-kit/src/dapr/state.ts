import { type DaprClient, StateConcurrencyEnum, StateConsistencyEnum, throwError } from './client.ts'
import { SidecarError } from './sidecar-error.ts'

/** A value with the version it was read at. */
export interface Versioned<Value> {
  value: Value
  etag: string
}

type Entry = Parameters<DaprClient['state']['save']>[1][number]

const STORE = 'statestore'
/** The usual consistency; the SDK's types want it named. */
const FIRST_WRITE = {
  concurrency: StateConcurrencyEnum.CONCURRENCY_FIRST_WRITE,
  consistency: StateConsistencyEnum.CONSISTENCY_EVENTUAL,
}

/** Key-value state through Dapr. Keys are private to the app id; values are JSON. */
export class StateStore {
  readonly #state: DaprClient['state']

  constructor(client: Pick<DaprClient, 'state'>) {
    this.#state = client.state
  }

  /**
   * Reads in bulk, because the SDK's `get` leaves out the etag.
   *
   * @returns the value and its version, undefined where there is none
   */
  async get<Value>(key: string): Promise<Versioned<Value> | undefined> {
    const [item] = (await this.#state.getBulk(STORE, [key])) as BulkItem<Value>[]
    if (!item || item.error) throw new SidecarError(`the state store did not answer: ${item?.error}`)
    if (item.data === undefined) return undefined
    if (!item.etag) throw new SidecarError('the state store answered no etag')
    return { value: item.data, etag: item.etag }
  }

  /** Writes whatever is there. */
  async set(key: string, value: unknown, options: { ttlSeconds: number }): Promise<void> {
    throwError(await this.#save({ key, value, metadata: ttl(options.ttlSeconds) }))
  }

  /** Writes only if nothing was written since `etag` was read. @returns whether it was written */
  replace(key: string, value: unknown, options: { etag: string; ttlSeconds: number }): Promise<boolean> {
    return this.#saveFirst({ key, value, etag: options.etag, metadata: ttl(options.ttlSeconds) })
  }

  /** Writes only if the key does not exist. @returns whether it was written */
  async create(key: string, value: unknown, options: { ttlSeconds: number }): Promise<boolean> {
    try {
      return await this.#saveFirst({ key, value, metadata: ttl(options.ttlSeconds) })
    } catch (error) {
      // Without an etag Dapr answers 500 for a conflict as for any other failure, so look which it
      // was.
      if (error instanceof SidecarError && error.status === 500 && (await this.get(key)) !== undefined) return false
      throw error
    }
  }

  /** Deletes a key; deleting what is not there is fine. */
  async delete(key: string): Promise<void> {
    throwError(await this.#state.delete(STORE, encodeURIComponent(key)))
  }

  async #saveFirst(entry: Entry): Promise<boolean> {
    const { error } = await this.#save({ ...entry, options: FIRST_WRITE })
    const isConflict = error instanceof SidecarError && error.status === 409
    if (error && !isConflict) throw error
    return !isConflict
  }

  #save(entry: Entry): Promise<{ error?: Error }> {
    return this.#state.save(STORE, [entry])
  }
}

interface BulkItem<Value> {
  data?: Value
  etag?: string
  error?: string
}

function ttl(seconds: number): Record<string, string> {
  return { ttlInSeconds: String(Math.ceil(seconds)) }
}
