import { expect, it } from 'vitest'
import { inRounds } from './rounds.ts'

it('what has the same key is in different rounds, in its order, and answers stay in place', async () => {
  const rounds: string[][] = []
  const answers = await inRounds(
    ['a1', 'b1', 'a2', 'c1', 'a3', 'b2'],
    ([key = '']) => key,
    async (items) => {
      rounds.push(items)
      return items.map((item) => item.toUpperCase())
    },
  )
  expect(rounds).toEqual([['a1', 'b1', 'c1'], ['a2', 'b2'], ['a3']])
  expect(answers).toEqual(['A1', 'B1', 'A2', 'C1', 'A3', 'B2'])
})

it('of nothing there is nothing to do', async () => {
  expect(await inRounds([], String, async () => expect.unreachable())).toEqual([])
})
