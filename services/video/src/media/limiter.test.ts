import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Limiter } from './limiter.ts'

test('jobs beyond the limit wait, and run in the order they came', async () => {
  const limiter = new Limiter(2)
  const started: number[] = []
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>())
  const jobs = gates.map((gate, index) =>
    limiter.run(async () => {
      started.push(index)
      await gate.promise
    }),
  )
  await setImmediate()
  expect(started).toEqual([0, 1])
  expect(limiter.waiting).toBe(3)
  for (const [index, gate] of gates.entries()) {
    gate.resolve()
    await jobs[index]
  }
  expect(started).toEqual([0, 1, 2, 3, 4])
})

test('a job that fails makes room for the next', async () => {
  const limiter = new Limiter(1)
  const failing = limiter.run(() => Promise.reject(new Error('broken')))
  const next = limiter.run(async () => 'done')
  await expect(failing).rejects.toThrow('broken')
  expect(await next).toBe('done')
})
