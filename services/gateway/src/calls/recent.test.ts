import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { Recent } from './recent.ts'

/** Remembers for a minute unless told otherwise; knows ids below 100. */
function playing({ ms = 60_000 } = {}) {
  const asked: number[][] = []
  const state = { isAway: false }
  const recent = new Recent<{ name: string }>({
    ms,
    maxIds: 10,
    load: async (ids) => {
      asked.push(ids)
      if (state.isAway) throw new Error('away')
      return ids.filter((id) => id < 100).map((id) => ({ id, name: `${id} as answered ${asked.length}` }))
    },
  })
  const names = async (...ids: number[]) => (await recent.get(ids)).map(({ name }) => name)
  return { recent, names, asked, state }
}

describe('what is remembered for a moment', () => {
  it('is asked for once, those of a page together, whoever asks meanwhile', async () => {
    const { names, asked } = playing()
    const pages = [names(3, 1, 3, 200), names(1, 2)]
    expect(await Promise.all(pages)).toEqual([
      ['3 as answered 1', '1 as answered 1', '3 as answered 1'],
      ['1 as answered 1', '2 as answered 2'],
    ])
    expect(await names(200, 2)).toEqual(['2 as answered 2'])
    expect(asked).toEqual([[3, 1, 200], [2]])
  })

  it('is asked for again after its time, and once it is forgotten', async () => {
    const brief = playing({ ms: 5 })
    await brief.names(1)
    await delay(20)
    expect(await brief.names(1)).toEqual(['1 as answered 2'])
    const { names, recent, asked } = playing()
    await names(1, 2)
    recent.forget(1)
    expect(await names(1, 2)).toEqual(['1 as answered 2', '2 as answered 1'])
    expect(asked).toEqual([[1, 2], [1]])
  })

  it('is not a failure: who asks later is answered', async () => {
    const { names, state } = playing()
    state.isAway = true
    await expect(names(1)).rejects.toThrow('away')
    state.isAway = false
    expect(await names(1)).toEqual(['1 as answered 2'])
  })
})
