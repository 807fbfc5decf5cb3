import { describe, expect, it } from 'vitest'
import { Bulkheads } from './bulkheads.ts'
import { ServiceError } from './errors.ts'

const refusal = () => new ServiceError('too_many_requests', { retryAfterSeconds: 1 })

/** Work that ends when it is told to. */
function pieces(bulkheads: Bulkheads) {
  const ends: (() => void)[] = []
  const begin = (key: string) => bulkheads.run(key, () => new Promise<void>((end) => ends.push(end)))
  return { begin, running: () => ends.length, end: () => ends.shift()?.() }
}

describe('bulkheads', () => {
  it('let so much of a kind run, so much wait, and refuse the rest', async () => {
    const work = pieces(new Bulkheads({ running: 2, waiting: { max: 1, maxMs: 60_000 }, refusal }))
    const begun = [work.begin('a'), work.begin('a'), work.begin('a')]
    expect(work.running()).toBe(2)
    await expect(work.begin('a')).rejects.toMatchObject({ code: 'too_many_requests' })
    work.end()
    await begun[0]
    await expect.poll(work.running, { timeout: 20_000 }).toBe(2)
    work.end()
    work.end()
    await Promise.all(begun)
  })

  it('refuse what has waited too long, and have room again afterwards', async () => {
    const work = pieces(new Bulkheads({ running: 1, waiting: { max: 1, maxMs: 20 }, refusal }))
    const first = work.begin('a')
    await expect(work.begin('a')).rejects.toMatchObject({ code: 'too_many_requests' })
    work.end()
    await first
    const next = work.begin('a')
    await expect.poll(work.running, { timeout: 20_000 }).toBe(1)
    work.end()
    await next
  })

  it('keep each kind for itself', async () => {
    const work = pieces(new Bulkheads({ running: 1, refusal }))
    const begun = [work.begin('a'), work.begin('b')]
    await expect(work.begin('a')).rejects.toMatchObject({ code: 'too_many_requests' })
    expect(work.running()).toBe(2)
    work.end()
    work.end()
    await Promise.all(begun)
  })

  it('give the place back when work fails, and pass its error on', async () => {
    const bulkheads = new Bulkheads({ running: 1, refusal })
    const fail = () => bulkheads.run('a', () => Promise.reject(new Error('mine')))
    await expect(fail()).rejects.toThrow('mine')
    await expect(fail()).rejects.toThrow('mine')
    expect(await bulkheads.run('a', () => 'answer')).toBe('answer')
  })
})
