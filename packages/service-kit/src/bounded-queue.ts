import PQueue from 'p-queue'
import { ServiceError } from './errors.ts'

/** How long a task may wait for its turn. */
export interface Wait {
  maxMs?: number
  /** The error for a task that waited that long. */
  tooLong?: () => Error
  /** Fires when the caller leaves; a task that has started is not affected. */
  signal?: AbortSignal | undefined
}

/** Runs a bounded number of tasks at a time; the others wait and start in the order they came. */
export class BoundedQueue {
  readonly #queue: PQueue

  /** @param concurrency tasks that run at the same time */
  constructor(concurrency: number) {
    this.#queue = new PQueue({ concurrency })
  }

  /** Whether the next task has to wait. */
  get isFull(): boolean {
    return this.#queue.pending >= this.#queue.concurrency
  }

  /** Changes how many tasks run at the same time; what runs goes on. */
  resize(concurrency: number): void {
    this.#queue.concurrency = concurrency
  }

  get waiting(): number {
    return this.#queue.size
  }

  /** Calls `listener` each time nothing runs or waits any more. */
  onIdle(listener: () => void): void {
    this.#queue.on('idle', listener)
  }

  /**
   * Runs a task, now or when its turn comes. A task that leaves the queue never starts.
   *
   * @throws what the task throws; `wait.tooLong()`; ServiceError `timeout` when the signal fires
   *   first
   */
  run<Result>(task: () => PromiseLike<Result> | Result, wait: Wait = {}): Promise<Result> {
    if (!this.isFull) return this.#queue.add(async () => task())
    const leaving = new AbortController()
    const abandon = () => leaving.abort(new ServiceError('timeout', { detail: 'the caller did not wait' }))
    const { maxMs, tooLong, signal } = wait
    const timer = maxMs === undefined ? undefined : setTimeout(() => leaving.abort(tooLong?.()), maxMs)
    signal?.addEventListener('abort', abandon, { once: true })
    if (signal?.aborted) abandon()
    // A started task must not be aborted: p-queue would count it as finished while it runs.
    const settle = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abandon)
    }
    const start = async () => {
      settle()
      return task()
    }
    return this.#queue.add(start, { signal: leaving.signal }).finally(settle)
  }
}
