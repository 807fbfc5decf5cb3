import { expect, it } from 'vitest'
import { AdaptiveLimit } from './route-bounds.ts'

/**
 * Fills the limit, and has all of it answered after so long.
 *
 * @returns how much there was room for
 */
function fill(limit: AdaptiveLimit, clock: { nowMs: number }, tookMs: number): number {
  let entered = 0
  while (entered < 10_000 && limit.enter(clock.nowMs)) entered++
  clock.nowMs += tookMs
  for (let index = 0; index < entered; index++) limit.leave(tookMs, clock.nowMs)
  return entered
}

it('lets in as much as it is told while answers come in time', () => {
  const [limit, clock] = [new AdaptiveLimit(100), { nowMs: 0 }]
  for (let round = 0; round < 5; round++) expect(fill(limit, clock, 900)).toBe(100)
})

it('lets in less and less while they do not, but always something, and more again when they do', () => {
  const [limit, clock] = [new AdaptiveLimit(100), { nowMs: 0 }]
  const falling = Array.from({ length: 4 }, () => fill(limit, clock, 2_000))
  expect(falling).toEqual([100, 80, 64, 51])
  for (let round = 0; round < 20; round++) fill(limit, clock, 2_000)
  expect(fill(limit, clock, 100)).toBe(32)
  expect(fill(limit, clock, 100)).toBeGreaterThanOrEqual(32)
  for (let round = 0; round < 200; round++) fill(limit, clock, 100)
  expect(fill(limit, clock, 100)).toBe(100)
})

it('counts a slow crowd once', () => {
  const [limit, clock] = [new AdaptiveLimit(100), { nowMs: 0 }]
  fill(limit, clock, 60_000)
  expect(fill(limit, clock, 100)).toBe(80)
})

it('forgets what it learned when nobody has come near it for a while, and not under load', () => {
  const [limit, clock] = [new AdaptiveLimit(100), { nowMs: 0 }]
  for (let round = 0; round < 20; round++) fill(limit, clock, 2_000)
  for (let round = 0; round < 20; round++) expect(fill(limit, clock, 999)).toBeLessThan(60)
  const few = () => {
    limit.enter(clock.nowMs)
    limit.leave(10, clock.nowMs)
  }
  for (let second = 0; second < 6; second++, clock.nowMs += 1_000) few()
  expect(fill(limit, clock, 100)).toBe(100)
})
