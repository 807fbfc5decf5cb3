/** What a gatherer needs to know. */
export interface GathererOptions<Item> {
  /** Sends one batch; ends when its last item is done. Failures are the items' business. */
  send: (items: Item[]) => Promise<unknown>
  /** Most items of a batch. */
  maxItems: number
  /** Most of `sizeOf` all items of a batch; a larger item goes alone. */
  maxSize?: number
  sizeOf?: (item: Item) => number
  /** While so many batches are under way and young, items wait. */
  youngAtATime?: number
  /** When a batch is no longer young: items have waited for it long enough. */
  youngMs?: number
  /** Batches under way, old ones included. */
  maxAtATime?: number
}

/** Two keep both ends busy; more would not answer sooner on shared cores. */
const YOUNG_AT_A_TIME = 2
/**
 * About what a full batch takes under load, and little beside the seconds that callers wait: while
 * a callee hangs, a call loses so much at most.
 */
const YOUNG_MS = 50
const MAX_AT_A_TIME = 128

/**
 * Lets items that come at the same time travel together. An item goes at the end of this turn of
 * the event loop while less than two batches are under way; otherwise it waits for one of them to
 * end or to be 50 ms old, together with all that come meanwhile, or until a batch is full. So
 * nothing waits while there is little to do, and the busier it gets, the fuller batches are.
 */
export class Gatherer<Item> {
  readonly #options: Required<GathererOptions<Item>>
  #waiting: Item[] = []
  #young = 0
  #underWay = 0
  #isScheduled = false

  constructor(options: GathererOptions<Item>) {
    this.#options = {
      maxSize: Number.POSITIVE_INFINITY,
      sizeOf: () => 0,
      youngAtATime: YOUNG_AT_A_TIME,
      youngMs: YOUNG_MS,
      maxAtATime: MAX_AT_A_TIME,
      ...options,
    }
  }

  /** Whether one more item would wait for a batch that hangs. */
  get isFull(): boolean {
    const { maxAtATime, maxItems } = this.#options
    return this.#waiting.length >= (maxAtATime - this.#underWay) * maxItems
  }

  add(item: Item): void {
    this.#waiting.push(item)
    this.#schedule()
  }

  get #hasRoom(): boolean {
    const { maxAtATime, maxItems, youngAtATime } = this.#options
    if (this.#waiting.length === 0 || this.#underWay === maxAtATime) return false
    return this.#young < youngAtATime || this.#waiting.length >= maxItems
  }

  /** Not at once: what comes in the same turn of the event loop goes along. */
  #schedule(): void {
    if (this.#isScheduled || !this.#hasRoom) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      while (this.#hasRoom) this.#send(this.#takeBatch())
    })
  }

  #takeBatch(): Item[] {
    const { maxItems, maxSize, sizeOf } = this.#options
    let count = 0
    for (let size = 0; count < Math.min(maxItems, this.#waiting.length); count++) {
      size += sizeOf(this.#waiting[count] as Item)
      if (size > maxSize && count > 0) break
    }
    return this.#waiting.splice(0, count)
  }

  #send(items: Item[]): void {
    let isYoung = true
    const age = () => {
      if (isYoung) this.#young--
      isYoung = false
      this.#schedule()
    }
    const end = () => {
      clearTimeout(ageing)
      this.#underWay--
      age()
    }
    const ageing = setTimeout(age, this.#options.youngMs)
    this.#young++
    this.#underWay++
    this.#options.send(items).then(end, end)
  }
}
