import { describe, expect, it } from 'vitest'
import { Gatherer, type GathererOptions } from './gatherer.ts'

/** Batches that a test ends one by one. */
function playing(options: Partial<GathererOptions<number>> = {}) {
  const batches: { items: number[]; end: () => void; fail: () => void }[] = []
  const gatherer = new Gatherer<number>({
    maxItems: 100,
    youngMs: 60_000,
    ...options,
    send: (items) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      batches.push({ items, end: resolve, fail: () => reject(new Error('no')) })
      return promise
    },
  })
  const sent = () => batches.map(({ items }) => items)
  return { gatherer, batches, sent }
}

/** After what is due in this turn of the event loop. */
const nextTurn = async () => {
  for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate)
}
async function addInTurns(gatherer: Gatherer<number>, ...items: number[]): Promise<void> {
  for (const item of items) {
    gatherer.add(item)
    await nextTurn()
  }
}

describe('what is gathered', () => {
  it('goes at once while less than two batches are under way', async () => {
    const { gatherer, sent } = playing()
    await addInTurns(gatherer, 1, 2)
    expect(sent()).toEqual([[1], [2]])
  })

  it('goes together where it comes in one turn of the event loop', async () => {
    const { gatherer, sent } = playing()
    for (const item of [1, 2, 3]) gatherer.add(item)
    await nextTurn()
    expect(sent()).toEqual([[1, 2, 3]])
  })

  it.each(['end', 'fail'] as const)(
    'waits for one of two batches to %s, with all that comes meanwhile',
    async (over) => {
      const { gatherer, batches, sent } = playing()
      await addInTurns(gatherer, 1, 2, 3, 4, 5)
      expect(sent()).toEqual([[1], [2]])
      batches[1]?.[over]()
      await nextTurn()
      expect(sent()).toEqual([[1], [2], [3, 4, 5]])
      await addInTurns(gatherer, 6)
      expect(sent()).toHaveLength(3)
    },
  )

  it('is bounded in number, and a full batch waits for nobody', async () => {
    const { gatherer, sent } = playing({ maxItems: 2 })
    await addInTurns(gatherer, 1, 2, 3, 4, 5)
    expect(sent()).toEqual([[1], [2], [3, 4]])
  })

  it('is bounded in size; what is larger by itself goes alone', async () => {
    const { gatherer, sent } = playing({ maxSize: 10, sizeOf: (item) => item, youngAtATime: 9 })
    for (const item of [4, 6, 1, 30, 2]) gatherer.add(item)
    await nextTurn()
    expect(sent()).toEqual([[4, 6], [1], [30], [2]])
  })

  it('waits no longer for batches that hang', async () => {
    const { gatherer, sent } = playing({ youngMs: 20 })
    await addInTurns(gatherer, 1, 2)
    const startedAt = performance.now()
    await addInTurns(gatherer, 3, 4)
    expect(sent()).toHaveLength(2)
    await expect.poll(sent, { interval: 1 }).toEqual([[1], [2], [3, 4]])
    expect(performance.now() - startedAt).toBeLessThan(1_000)
  })

  it('finds no room once so many batches hang, and room again when one ends', async () => {
    const { gatherer, batches, sent } = playing({ maxItems: 2, maxAtATime: 2 })
    for (const item of [1, 2, 3]) gatherer.add(item)
    expect(gatherer.isFull).toBe(false)
    gatherer.add(4)
    expect(gatherer.isFull).toBe(true)
    await nextTurn()
    expect(sent()).toEqual([
      [1, 2],
      [3, 4],
    ])
    expect(gatherer.isFull).toBe(true)
    batches[0]?.end()
    await nextTurn()
    expect(gatherer.isFull).toBe(false)
  })
})
