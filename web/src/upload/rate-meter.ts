const WINDOW_MS = 8_000
/** What is measured over less says more about buffers than about the line. */
const LEAST_MS = 500

/** How fast something goes on, over the last seconds. */
export class RateMeter {
  readonly #samples: { atMs: number; bytes: number }[] = []

  /**
   * @param atMs on a clock that never jumps
   * @param bytes in all; fewer than before where some are sent again, which begins anew
   */
  add(atMs: number, bytes: number): void {
    const last = this.#samples.at(-1)
    if (last && bytes < last.bytes) this.#samples.length = 0
    this.#samples.push({ atMs, bytes })
    while (this.#samples.length > 2 && atMs - (this.#samples[1]?.atMs ?? atMs) >= WINDOW_MS) this.#samples.shift()
  }

  /** Forgets what was, after a pause. */
  reset(): void {
    this.#samples.length = 0
  }

  /** undefined while too little is known. */
  get bytesPerSecond(): number | undefined {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)]
    if (!first || !last || last.atMs - first.atMs < LEAST_MS) return undefined
    return ((last.bytes - first.bytes) / (last.atMs - first.atMs)) * 1_000
  }
}
