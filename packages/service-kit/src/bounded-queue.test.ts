import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { BoundedQueue } from './bounded-queue.ts'

test('tasks beyond the limit wait, and run in the order they came', async () => {
  const queue = new BoundedQueue(2)
  const started: number[] = []
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>())
  const jobs = gates.map((gate, index) =>
    queue.run(async () => {
      started.push(index)
      await gate.promise
    }),
  )
  await setImmediate()
  expect(started).toEqual([0, 1])
  expect(queue.waiting).toBe(3)
  for (const [index, gate] of gates.entries()) {
    gate.resolve()
    await jobs[index]
  }
  expect(started).toEqual([0, 1, 2, 3, 4])
})

test('a task that fails makes room for the next', async () => {
  const queue = new BoundedQueue(1)
  const failing = queue.run(() => Promise.reject(new Error('broken')))
  const next = queue.run(async () => 'done')
  await expect(failing).rejects.toThrow('broken')
  expect(await next).toBe('done')
})

test('a caller that leaves frees its place in the queue at once, and its task never starts', async () => {
  const queue = new BoundedQueue(1)
  const gate = Promise.withResolvers<void>()
  const running = queue.run(() => gate.promise)
  const caller = new AbortController()
  let hasStarted = false
  const left = queue.run(
    () => {
      hasStarted = true
    },
    { signal: caller.signal },
  )
  caller.abort()
  await expect(left).rejects.toMatchObject({ code: 'timeout' })
  expect(queue.waiting).toBe(0)
  gate.resolve()
  await running
  expect(hasStarted).toBe(false)
})

test('a task that has started runs to its end, whether its caller leaves or its wait would be over', async () => {
  const queue = new BoundedQueue(1)
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<string>()]
  const before = queue.run(() => first.promise)
  const caller = new AbortController()
  const tooLong = () => new Error('waited too long')
  const started = Promise.withResolvers<void>()
  const task = () => {
    started.resolve()
    return second.promise
  }
  const result = queue.run(task, { maxMs: 60_000, tooLong, signal: caller.signal })
  first.resolve()
  await Promise.all([before, started.promise])
  caller.abort()
  second.resolve('done')
  expect(await result).toBe('done')
})

test('a task that waits too long is rejected with the error for it', async () => {
  const queue = new BoundedQueue(1)
  const gate = Promise.withResolvers<void>()
  const running = queue.run(() => gate.promise)
  const late = queue.run(() => 'late', { maxMs: 20, tooLong: () => new Error('waited too long') })
  await expect(late).rejects.toThrow('waited too long')
  gate.resolve()
  await running
})

test('a queue that is made longer starts what waits, one that is made shorter lets go on what runs', async () => {
  const queue = new BoundedQueue(3)
  const gates = Array.from({ length: 6 }, () => Promise.withResolvers<void>())
  let started = 0
  const jobs = gates.map((gate) =>
    queue.run(() => {
      started++
      return gate.promise
    }),
  )
  await setImmediate()
  queue.resize(1)
  gates[0]?.resolve()
  await jobs[0]
  await setImmediate()
  expect(started).toBe(3)
  queue.resize(Number.POSITIVE_INFINITY)
  await setImmediate()
  expect(started).toBe(6)
  for (const gate of gates) gate.resolve()
  await Promise.all(jobs)
})
