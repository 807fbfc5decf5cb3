import { describe, expect, it } from 'vitest'
import { StaleCache } from './stale-cache.ts'

function newCache() {
  const state = { nowMs: 0, loads: 0, isDown: false }
  const cache = new StaleCache<number, { load: number }>({
    load: async () => {
      state.loads++
      await new Promise(setImmediate)
      if (state.isDown) throw new Error('down')
      return { load: state.loads }
    },
    freshMs: 1_000,
    staleMs: 10_000,
    staleIfErrorMs: 60_000,
    retryMs: 1_000,
    maxKeys: 2,
    now: () => state.nowMs,
  })
  return { cache, state }
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 5))

describe('the cache', () => {
  it('many readers at once load once', async () => {
    const { cache, state } = newCache()
    const values = await Promise.all(Array.from({ length: 50 }, () => cache.get(20)))
    expect(state.loads).toBe(1)
    expect(new Set(values).size).toBe(1)
  })

  it('a fresh value asks nobody', async () => {
    const { cache, state } = newCache()
    await cache.get(20)
    state.nowMs = 1_000
    expect(cache.get(20)).toEqual({ load: 1 })
    expect(state.loads).toBe(1)
  })

  it('a stale value is served at once while one reader fetches a new one', async () => {
    const { cache, state } = newCache()
    await cache.get(20)
    state.nowMs = 1_001
    expect([cache.get(20), cache.get(20)]).toEqual([{ load: 1 }, { load: 1 }])
    await settle()
    expect(cache.get(20)).toEqual({ load: 2 })
    expect(state.loads).toBe(2)
  })

  it('an old value is not served while a new one can be had', async () => {
    const { cache, state } = newCache()
    await cache.get(20)
    state.nowMs = 10_001
    expect(await cache.get(20)).toEqual({ load: 2 })
  })

  it('an old value is better than none for a minute', async () => {
    const { cache, state } = newCache()
    await cache.get(20)
    state.isDown = true
    state.nowMs = 60_000
    expect(await cache.get(20)).toEqual({ load: 1 })
    state.nowMs = 62_000
    await expect(async () => cache.get(20)).rejects.toThrow('down')
  })

  it('after a failure nobody asks again for a while, and everybody hears at once', async () => {
    const { cache, state } = newCache()
    state.isDown = true
    await expect(async () => cache.get(20)).rejects.toThrow('down')
    await expect(async () => cache.get(20)).rejects.toThrow('down')
    expect(state.loads).toBe(1)
    state.isDown = false
    state.nowMs = 1_000
    expect(await cache.get(20)).toEqual({ load: 2 })
  })

  it('holds no more keys than it may', async () => {
    const { cache, state } = newCache()
    for (const key of [1, 2, 3]) await cache.get(key)
    await cache.get(1)
    expect(state.loads).toBe(4)
  })
})
