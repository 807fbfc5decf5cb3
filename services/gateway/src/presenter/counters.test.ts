import { createLogger } from '@fanone/service-kit'
import { describe, expect, it } from 'vitest'
import type { Client } from '../calls/client.ts'
import { createCounters, noUserCounters } from './counters.ts'

/** A stats service that a test plays: it notes what it is asked. */
function playing() {
  const state = { asked: [] as unknown[], isDown: false }
  const answer = <Item>(input: unknown, items: Item[]) => {
    state.asked.push(input)
    if (state.isDown) throw new Error('down')
    return { items }
  }
  const counters = {
    ofUsers: async (input: { ids: number[] }) =>
      answer(
        input,
        input.ids.map((id) => ({ ...noUserCounters, id, works: id })),
      ),
    ofContent: async (input: { targets: { kind: string; id: number }[] }) =>
      answer(
        input,
        input.targets.map((target) => ({
          ...target,
          likes: target.id,
          comments: target.kind === 'video' ? 1 : 2,
          visits: 3,
        })),
      ),
  }
  const log = createLogger({ appId: 'test', level: 'silent' })
  const service = createCounters({ counters } as unknown as Client<'stats'>, log)
  return { service, state }
}

const idsTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

describe('counters', () => {
  it('of a page are asked for together, each once, and come in the order of the page', async () => {
    const { service, state } = playing()
    const counted = await service.ofUsers([7, 3, 7])
    expect(counted.map(({ works }) => works)).toEqual([7, 3, 7])
    expect(state.asked).toEqual([{ ids: [7, 3] }])
  })

  it('that many requests show at once or within a second are asked for once', async () => {
    const { service, state } = playing()
    await Promise.all(Array.from({ length: 50 }, () => service.ofContent('video', idsTo(30))))
    await service.ofContent('video', idsTo(30))
    expect(state.asked).toHaveLength(1)
  })

  it('of content of different kinds with the same id are different', async () => {
    const { service } = playing()
    const [video] = await service.ofContent('video', [5])
    const [comment] = await service.ofContent('comment', [5])
    expect([video, comment]).toEqual([
      { likes: 5, comments: 1, visits: 3 },
      { likes: 5, comments: 2, visits: 3 },
    ])
  })

  it('of more than one call takes come in several', async () => {
    const { service, state } = playing()
    const counted = await service.ofUsers(idsTo(250))
    expect(counted.at(-1)).toEqual({ ...noUserCounters, works: 250 })
    expect(state.asked.map((input) => (input as { ids: number[] }).ids.length)).toEqual([100, 100, 50])
  })

  it('are zero where stats does not answer, unless they are remembered', async () => {
    const { service, state } = playing()
    await service.ofUsers([1])
    state.isDown = true
    expect(await service.ofUsers([1, 2])).toEqual([{ ...noUserCounters, works: 1 }, noUserCounters])
  })
})
