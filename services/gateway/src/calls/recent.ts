import { LRUCache } from 'lru-cache'

export interface RecentOptions<Value> {
  /** Loads any number of them by their ids; in no particular order, unknown ones left out. */
  load: (ids: number[]) => Promise<(Value & { id: number })[]>
  /** How long each is remembered after it was asked for. */
  ms: number
  /** The least recently read are forgotten. */
  maxIds: number
}

/**
 * What is the same for everybody, by id, for a moment: pages that are asked for one after the other
 * or at the same time share what they show. Those of a page that are missing come by one call.
 */
export class Recent<Value> {
  readonly #load: RecentOptions<Value>['load']
  readonly #byId: LRUCache<number, Promise<(Value & { id: number }) | undefined>>

  constructor({ load, ms, maxIds }: RecentOptions<Value>) {
    this.#load = load
    this.#byId = new LRUCache({ max: maxIds, ttl: ms })
  }

  /** In the order of the ids; unknown ones are left out. @throws what `load` throws */
  async get(ids: readonly number[]): Promise<(Value & { id: number })[]> {
    const missing = [...new Set(ids)].filter((id) => !this.#byId.has(id))
    if (missing.length > 0) this.#ask(missing)
    const found = await Promise.all(ids.map((id) => this.#byId.get(id)))
    return found.filter((one) => one !== undefined)
  }

  /** For who has just changed it. */
  forget(id: number): void {
    this.#byId.delete(id)
  }

  #ask(ids: number[]): void {
    const loading = this.#load(ids).then((values) => new Map(values.map((value) => [value.id, value])))
    for (const id of ids) {
      const one = loading.then((byId) => byId.get(id))
      this.#byId.set(id, one)
      // Whoever waits for it is told; nobody later is.
      one.catch(() => this.#byId.get(id) === one && this.#byId.delete(id))
    }
  }
}
