import { type Sidecar, SidecarError } from './sidecar.ts'

/** A value with the version it was read at. */
export interface Versioned<Value> {
  value: Value
  etag: string
}

const STORE = 'statestore'

/** Key-value state through Dapr. Keys are private to the app id; values are JSON. */
export class StateStore {
  readonly #sidecar: Sidecar

  constructor(sidecar: Sidecar) {
    this.#sidecar = sidecar
  }

  /** @returns the value and its version, undefined where there is none */
  async get<Value>(key: string): Promise<Versioned<Value> | undefined> {
    const response = await this.#sidecar.send({
      method: 'GET',
      path: `/v1.0/state/${STORE}/${encodeURIComponent(key)}`,
    })
    const body = await response.body.text()
    if (response.statusCode >= 300)
      throw new SidecarError(`state.get answered ${response.statusCode}`, { status: response.statusCode })
    if (!body) return undefined
    return { value: JSON.parse(body) as Value, etag: String(response.headers.etag ?? '') }
  }

  /** Writes whatever is there. */
  async set(key: string, value: unknown, options: { ttlSeconds: number }): Promise<void> {
    await this.#write({ key, value, metadata: ttl(options.ttlSeconds) })
  }

  /** Writes only if nothing was written since `etag` was read. @returns whether it was written */
  replace(key: string, value: unknown, options: { etag: string; ttlSeconds: number }): Promise<boolean> {
    return this.#writeFirst({ key, value, etag: options.etag, metadata: ttl(options.ttlSeconds) })
  }

  /** Writes only if the key does not exist. @returns whether it was written */
  async create(key: string, value: unknown, options: { ttlSeconds: number }): Promise<boolean> {
    try {
      return await this.#writeFirst({ key, value, metadata: ttl(options.ttlSeconds) })
    } catch (error) {
      // Without an etag Dapr answers 500 for a conflict as for any other failure, so look who is right.
      if (error instanceof SidecarError && error.status === 500 && (await this.get(key)) !== undefined) return false
      throw error
    }
  }

  /** Deletes a key; deleting what is not there is fine. */
  async delete(key: string): Promise<void> {
    await this.#sidecar.json({ method: 'DELETE', path: `/v1.0/state/${STORE}/${encodeURIComponent(key)}` })
  }

  async #writeFirst(entry: Record<string, unknown>): Promise<boolean> {
    try {
      await this.#write({ ...entry, options: { concurrency: 'first-write' } })
      return true
    } catch (error) {
      // 409: etag mismatch.
      if (error instanceof SidecarError && error.status === 409) return false
      throw error
    }
  }

  async #write(entry: Record<string, unknown>): Promise<void> {
    await this.#sidecar.json({ method: 'POST', path: `/v1.0/state/${STORE}`, body: [entry] })
  }
}

function ttl(seconds: number): Record<string, string> {
  return { ttlInSeconds: String(Math.ceil(seconds)) }
}
