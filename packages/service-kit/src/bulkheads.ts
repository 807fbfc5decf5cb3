import { BoundedQueue } from './bounded-queue.ts'
import type { ServiceError } from './errors.ts'

export interface BulkheadOptions {
  /** Tasks of one key that run at a time. */
  running: number
  /** How many more of one key may wait, and for how long. */
  waiting?: { max: number; maxMs: number }
  /** The error for a task that finds no place. */
  refusal: (key: string) => ServiceError
}

/** Bounds the tasks of each key, so that a key that hangs or floods leaves room for the others. */
export class Bulkheads {
  #options: Required<BulkheadOptions>
  readonly #byKey = new Map<string, BoundedQueue>()

  constructor(options: BulkheadOptions) {
    this.#options = { waiting: { max: 0, maxMs: 0 }, ...options }
  }

  /** Changes how many tasks of a key run at a time and wait; those that do, go on. */
  resize(sizes: Pick<BulkheadOptions, 'running' | 'waiting'>): void {
    this.#options = { ...this.#options, ...sizes }
    for (const queue of this.#byKey.values()) queue.resize(this.#options.running)
  }

  /**
   * Runs a task, now or when there is room.
   *
   * @param key a key without tasks takes no memory
   * @throws the refusal when there is no room, or none in time; what the task throws
   */
  async run<Result>(key: string, task: () => PromiseLike<Result> | Result): Promise<Result> {
    const { waiting, refusal } = this.#options
    const queue = this.#byKey.get(key) ?? this.#open(key)
    if (queue.isFull && queue.waiting >= waiting.max) throw refusal(key)
    return queue.run(task, { maxMs: waiting.maxMs, tooLong: () => refusal(key) })
  }

  #open(key: string): BoundedQueue {
    const queue = new BoundedQueue(this.#options.running)
    queue.onIdle(() => this.#byKey.delete(key))
    this.#byKey.set(key, queue)
    return queue
  }
}
