import { setImmediate as tick } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { HashQueue } from './hash-queue.ts'

/** A task that ends when it is told to. */
function manual() {
  const { promise, resolve } = Promise.withResolvers<void>()
  const task = {
    hasStarted: false,
    finish: resolve,
    run: () => {
      task.hasStarted = true
      return promise
    },
  }
  return task
}

it('runs no more at a time than allowed, the rest in the order they came', async () => {
  const queue = new HashQueue({ concurrency: 2, maxWaitMs: 10_000 })
  const tasks = [manual(), manual(), manual(), manual()] as const
  const done = tasks.map((task) => queue.run(task.run))
  await tick()
  expect(tasks.map((task) => task.hasStarted)).toEqual([true, true, false, false])
  tasks[1].finish()
  await done[1]
  await tick()
  expect(tasks.map((task) => task.hasStarted)).toEqual([true, true, true, false])
  for (const task of tasks) task.finish()
  await Promise.all(done)
})

it('refuses at once, with a time to come back, who would wait too long', async () => {
  const queue = new HashQueue({ concurrency: 1, maxWaitMs: 50 })
  const [running, waiting] = [manual(), manual()]
  const done = [queue.run(running.run), queue.run(waiting.run)]
  await expect(queue.run(async () => {})).rejects.toMatchObject({ code: 'too_many_requests', retryAfterSeconds: 1 })
  expect(() => queue.requireRoom()).toThrow(expect.objectContaining({ code: 'too_many_requests' }))
  running.finish()
  waiting.finish()
  // The second may have waited too long by now.
  await Promise.allSettled(done)
})

it('has room for who would not have to wait for long', async () => {
  const queue = new HashQueue({ concurrency: 1, maxWaitMs: 10_000 })
  const running = manual()
  const done = queue.run(running.run)
  expect(() => queue.requireRoom()).not.toThrow()
  running.finish()
  await done
})

it('refuses who was let in line and has waited too long, and does nothing for them', async () => {
  const queue = new HashQueue({ concurrency: 1, maxWaitMs: 60 })
  const [running, waiting, next] = [manual(), manual(), manual()]
  const done = queue.run(running.run)
  await expect(queue.run(waiting.run)).rejects.toMatchObject({ code: 'too_many_requests', retryAfterSeconds: 1 })
  running.finish()
  next.finish()
  await done
  await queue.run(next.run)
  expect(waiting.hasStarted).toBe(false)
})

it('lets more wait when tasks turn out to be quick', async () => {
  const queue = new HashQueue({ concurrency: 1, maxWaitMs: 40 })
  for (let task = 0; task < 50; task++) await queue.run(async () => {})
  const running = manual()
  const done = [running.run, async () => {}, async () => {}, async () => {}].map((task) => queue.run(task))
  running.finish()
  await expect(Promise.all(done)).resolves.toHaveLength(4)
})

it('who gives up leaves the line', async () => {
  const queue = new HashQueue({ concurrency: 1, maxWaitMs: 10_000 })
  const [running, abandoned, next] = [manual(), manual(), manual()]
  const caller = new AbortController()
  const done = queue.run(running.run)
  const gone = expect(queue.run(abandoned.run, caller.signal)).rejects.toMatchObject({ code: 'timeout' })
  const waiting = queue.run(next.run)
  caller.abort()
  await gone
  for (const task of [running, next]) task.finish()
  await Promise.all([done, waiting])
  expect(abandoned.hasStarted).toBe(false)
})

it('a task that fails makes room like any other', async () => {
  const queue = new HashQueue({ concurrency: 1, maxWaitMs: 0 })
  await expect(queue.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
  await expect(queue.run(async () => 'next')).resolves.toBe('next')
})
