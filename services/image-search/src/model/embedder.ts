import { join } from 'node:path'
import { ServiceError } from '@fanone/service-kit'
import { Piscina } from 'piscina'
import type { FeaturesWorkerData } from './features.worker.ts'
import type { ImageModel } from './image-model.ts'
import type { ModelFiles } from './model-files.ts'

/** Pictures that may wait for a thread; who comes later is told to come back. */
const MAX_WAITING = 64
/** A thread that has nothing to do gives its 200 MB back. */
const IDLE_MS = 60_000

/** Makes features of pictures, in threads that are started when there is something to do. */
export class Embedder {
  readonly #files: ModelFiles
  readonly #threads: number
  readonly #pools = new Map<string, Piscina>()

  constructor(options: { files: ModelFiles; threads: number }) {
    this.#files = options.files
    this.#threads = options.threads
  }

  /**
   * @param pixels RGB, line by line, `model.side` pixels on each side
   * @returns features of length 1
   * @throws ServiceError `unavailable` where too many wait
   */
  async embed(model: ImageModel, pixels: Uint8Array): Promise<Float32Array> {
    const pool = this.#poolOf(model)
    if (pool.queueSize >= MAX_WAITING) throw new ServiceError('unavailable', { retryAfterSeconds: 5 })
    // Copied, because a slice would take the whole buffer behind it to the thread.
    return (await pool.run(Uint8Array.from(pixels))) as Float32Array
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.destroy()))
    this.#pools.clear()
  }

  #poolOf(model: ImageModel): Piscina {
    const key = JSON.stringify(model)
    const known = this.#pools.get(key)
    if (known) return known
    const workerData: FeaturesWorkerData = { file: this.#files.pathOf(model.hash), model }
    const pool = new Piscina({
      filename: join(import.meta.dirname, 'features.worker.ts'),
      workerData,
      minThreads: 0,
      maxThreads: this.#threads,
      idleTimeout: IDLE_MS,
      // The service's own options would start tracing in each thread.
      execArgv: [],
    })
    this.#pools.set(key, pool)
    return pool
  }
}
