/**
 * Lets a call that comes again while it goes on have the answer of the first: an impatient sidecar
 * repeats what takes long, and the work would be done twice.
 */
export class RunningCalls<Result> {
  readonly #running = new Map<string, Promise<Result>>()

  /** @param key the same for calls that are repeats of each other */
  run(key: string, work: () => Promise<Result>): Promise<Result> {
    const running = this.#running.get(key) ?? work().finally(() => this.#running.delete(key))
    this.#running.set(key, running)
    return running
  }
}
