import { setImmediate as nextTurn } from 'node:timers/promises'
import { ServiceError } from '@fanone/service-kit'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { HashBound } from './hash-bound.ts'

/** A user service that hashes for some and refuses the rest. */
class UserService {
  room: number
  calls = 0
  refused = 0
  readonly waiting: (() => void)[] = []

  constructor(room: number) {
    this.room = room
  }

  readonly call = async () => {
    this.calls++
    if (this.waiting.length >= this.room) {
      this.refused++
      throw new ServiceError('too_many_requests', { retryAfterSeconds: 1 })
    }
    await new Promise<void>((resolve) => this.waiting.push(resolve))
  }

  async finish(count: number): Promise<void> {
    for (const resolve of this.waiting.splice(0, count)) resolve()
    await nextTurn()
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** Starts calls, and waits until those that are refused know it. @returns who was refused */
async function start(bound: HashBound, count: number, service: UserService): Promise<{ refused: number }> {
  const outcome = { refused: 0 }
  for (let call = 0; call < count; call++)
    bound.run(service.call).catch((error) => {
      expect(error).toMatchObject({ code: 'too_many_requests', retryAfterSeconds: 1 })
      outcome.refused++
    })
  await nextTurn()
  return outcome
}

test('nothing waits as long as the user service refuses nobody', async () => {
  const service = new UserService(1_000)
  await start(new HashBound(), 200, service)
  expect(service.waiting).toHaveLength(200)
})

test('after a refusal the service is called for as many as it has room for; the others come in when there is room', async () => {
  const service = new UserService(20)
  const bound = new HashBound()
  expect(await start(bound, 32, service)).toEqual({ refused: 12 })
  expect(await start(bound, 12, service)).toEqual({ refused: 0 })
  expect(service).toMatchObject({ calls: 32, refused: 12 })
  await service.finish(5)
  expect(service).toMatchObject({ calls: 37, refused: 12 })
  expect(service.waiting).toHaveLength(20)
})

test('who finds no room in half a second is refused, and the service is not called for them', async () => {
  const service = new UserService(4)
  const bound = new HashBound()
  await start(bound, 6, service)
  const late = await start(bound, 3, service)
  await vi.advanceTimersByTimeAsync(499)
  expect(late.refused).toBe(0)
  await vi.advanceTimersByTimeAsync(1)
  await nextTurn()
  expect(late.refused).toBe(3)
  await service.finish(4)
  expect(service.calls).toBe(6)
})

test('a second later some more are tried, and a service that has more room gets them', async () => {
  const service = new UserService(8)
  const bound = new HashBound()
  await start(bound, 10, service)
  expect(service.refused).toBe(2)
  service.room = 100
  for (const expected of [10, 13]) {
    await vi.advanceTimersByTimeAsync(1_001)
    await start(bound, 10, service)
    expect(service.waiting).toHaveLength(expected)
  }
})

test('what fails otherwise bounds nothing', async () => {
  const service = new UserService(1_000)
  const bound = new HashBound()
  const fails = () => bound.run(() => Promise.reject(new ServiceError('wrong_credentials')))
  await Promise.all([1, 2].map(() => expect(fails()).rejects.toMatchObject({ code: 'wrong_credentials' })))
  await start(bound, 200, service)
  expect(service.waiting).toHaveLength(200)
})
