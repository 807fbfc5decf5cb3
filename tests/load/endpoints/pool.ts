import type { LoadResult } from '../closed-loop.ts'
import { send } from './send.ts'
import { surfaces } from './surfaces.ts'
import { type Pair, type WriteEndpoint, writes } from './writes.ts'

/**
 * The pairs that have a bond and those that have none. A run takes pairs from one side to the
 * other, those first that have waited longest, so that a like is a first like while there are any.
 */
export class Pool {
  readonly #with: Pair[] = []
  readonly #without: Pair[]
  #unsure: { pairs: Pair[]; makes: boolean } | undefined

  constructor(pairs: Pair[]) {
    this.#without = [...pairs]
  }

  /** Sees to it that `count` pairs can be taken, by requests of its own. */
  async prepare({ bond, makes }: WriteEndpoint, count: number): Promise<void> {
    const change = async (pairs: Pair[], towards: boolean) => {
      const one = writes.find((other) => other.bond === bond && other.makes === towards && other.surface === '/v1')
      if (one === undefined) throw new Error(`no ${bond} is left to ${towards ? 'make' : 'end'}`)
      await Promise.all(pairs.map((pair) => send(surfaces['/v1'].withToken(one.request(pair.id), pair.member))))
    }
    if (this.#unsure) await change(this.#unsure.pairs, this.#unsure.makes)
    this.#unsure = undefined
    for (let missing = count - this.#side(!makes).length; missing > 0; missing = count - this.#side(!makes).length)
      await change(this.#take(makes, Math.min(missing, 32)), !makes)
  }

  /** Takes pairs over to the other side. */
  take({ makes }: WriteEndpoint, count: number): Pair[] {
    return this.#take(!makes, count)
  }

  /** A run in which not all was done leaves open which pairs were left out. */
  note({ makes }: WriteEndpoint, pairs: Pair[], { correct }: LoadResult): void {
    if (correct < pairs.length) this.#unsure = { pairs, makes }
  }

  #side(bound: boolean): Pair[] {
    return bound ? this.#with : this.#without
  }

  #take(bound: boolean, count: number): Pair[] {
    const pairs = this.#side(bound).splice(0, count)
    this.#side(!bound).push(...pairs)
    return pairs
  }
}
