import { expect, test } from 'vitest'
import type { Fault } from './fault-list.ts'
import { planOf, stepsOf } from './nemesis.ts'
import { seededRandom } from './random.ts'

const fault = (target: string): Fault => ({ name: `kill ${target}`, target, lastsMs: 0, inject: async () => () => {} })
const faults = ['a', 'b', 'c', 'd'].map(fault)

test('every fault comes as often as asked for, and the seed decides the order', () => {
  const order = (seed: number) => planOf(faults, 5, seededRandom(seed)).map(({ target }) => target)
  expect(order(1).toSorted().join('')).toBe('aaaaabbbbbcccccddddd')
  expect(order(1)).toEqual(order(1))
  expect(order(1)).not.toEqual(order(2))
})

test('steps hold all faults, at most so many at once, and none twice to the same target', () => {
  const steps = stepsOf(planOf(faults, 5, seededRandom(3)), 3)
  expect(steps.flat()).toHaveLength(20)
  for (const step of steps) {
    expect(step.length).toBeLessThanOrEqual(3)
    expect(new Set(step.map(({ target }) => target)).size).toBe(step.length)
  }
})
