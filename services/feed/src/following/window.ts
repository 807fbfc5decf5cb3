/** A video of somebody the reader follows. */
export interface WindowVideo {
  id: number
  authorId: number
}

/** What a window holds, and as of when. */
export interface WindowState {
  /** Newest first; all there are from `floor` up to, and without, `ceiling`. */
  videos: WindowVideo[]
  ceiling: number
  /** 0 where nothing older exists. */
  floor: number
  /** The last arrival that is in it, '' for none. */
  seen: string
  /** Videos when it is made; it grows to twice that. */
  size: number
  /** When the reader had last begun to follow somebody, '' for never. */
  added: string
}

/**
 * A part of the timeline of one reader: which videos may be on a page. What has been deleted or
 * unfollowed since may be in it; nothing that belongs there is missing as of `seen` and `added`.
 */
export class Window {
  readonly ceiling: number
  readonly added: string
  seen: string
  readonly #size: number
  #floor: number
  /** Id and author in turns: objects would take four times the memory. */
  readonly #numbers: number[]

  constructor(state: WindowState) {
    this.ceiling = state.ceiling
    this.added = state.added
    this.seen = state.seen
    this.#size = state.size
    this.#floor = state.floor
    this.#numbers = state.videos.flatMap(({ id, authorId }) => [id, authorId])
  }

  get floor(): number {
    return this.#floor
  }

  /** Whether videos right before an id are in here. */
  reachesBelow(beforeId: number): boolean {
    return beforeId <= this.ceiling && (this.#floor === 0 || beforeId > this.#floor)
  }

  /** The newest videos with smaller ids, at most `count`. */
  below(beforeId: number, count: number): WindowVideo[] {
    const videos: WindowVideo[] = []
    const end = this.#numbers.length
    for (let at = this.#find(beforeId - 1); at < end && videos.length < count; at += 2)
      videos.push({ id: this.#numbers[at] as number, authorId: this.#numbers[at + 1] as number })
    return videos
  }

  /** Adds what has arrived; ids outside of the window are for other windows. */
  add(videos: WindowVideo[]): void {
    for (const { id, authorId } of videos) {
      if (id >= this.ceiling || id < this.#floor) continue
      const at = this.#find(id)
      if (this.#numbers[at] !== id) this.#numbers.splice(at, 0, id, authorId)
    }
    if (this.#numbers.length <= 4 * this.#size) return
    this.#numbers.length = 2 * this.#size
    this.#floor = this.#numbers[2 * this.#size - 2] as number
  }

  /** Takes out what is gone for good. */
  remove(ids: number[]): void {
    for (const id of ids) {
      const at = this.#find(id)
      if (this.#numbers[at] === id) this.#numbers.splice(at, 2)
    }
  }

  /** Where the first id is that is not larger. */
  #find(id: number): number {
    let [low, high] = [0, this.#numbers.length / 2]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#numbers[2 * middle] as number) > id) low = middle + 1
      else high = middle
    }
    return 2 * low
  }
}
