/** Runs at most a fixed number of jobs at a time; the others wait in the order they came. */
export class Limiter {
  readonly #limit: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** How many jobs wait for their turn. */
  get waiting(): number {
    return this.#waiting.length
  }

  async run<Result>(job: () => Promise<Result>): Promise<Result> {
    if (this.#running < this.#limit) this.#running += 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await job()
    } finally {
      // The place is handed on without being given up, so that a newcomer cannot slip in between.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running -= 1
    }
  }
}
