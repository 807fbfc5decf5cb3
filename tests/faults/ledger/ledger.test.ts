import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ServiceError } from '@fanone/service-kit'
import { afterAll, describe, expect, test } from 'vitest'
import { newClient } from './client.ts'
import { Ledger, readLedger } from './ledger.ts'
import { seededRandom } from './random.ts'

const folder = mkdtempSync(join(tmpdir(), 'fanone-ledger-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let count = 0
const newLedger = () => new Ledger(join(folder, `${++count}.jsonl`))
const intent = { op: 'thing.make', key: 'a', userId: 1 }

describe('the ledger', () => {
  test('has an operation before it is made, as unknown, and its end afterwards', async () => {
    const ledger = newLedger()
    const recording = ledger.record(intent, async () => {
      expect(readLedger(ledger.file)).toMatchObject([{ ...intent, outcome: 'unknown', answeredAt: Infinity }])
      return { outcome: 'ok', subject: 5 }
    })
    await recording
    const [operation] = readLedger(ledger.file)
    expect(operation).toMatchObject({ outcome: 'ok', subject: 5, key: 'a' })
    expect(operation?.answeredAt).toBeGreaterThanOrEqual(operation?.sentAt ?? Infinity)
  })

  test('takes an operation whose client died for unknown', () => {
    const ledger = newLedger()
    appendFileSync(ledger.file, `${JSON.stringify({ id: 1, ...intent, sentAt: 5 })}\n`)
    expect(readLedger(ledger.file)).toMatchObject([{ outcome: 'unknown', answeredAt: Infinity }])
  })
})

describe('a client', () => {
  /** Makes a call whose attempts end like this, one after the other. */
  async function callThatEnds(ends: ('ok' | ServiceError | Error)[], options = {}) {
    let attempts = 0
    const client = newClient(0, seededRandom(1), newLedger())
    const answer = await client.call(
      intent,
      async () => {
        const end = ends[attempts++] ?? 'ok'
        if (end !== 'ok') throw end
        return 5
      },
      options,
    )
    return { outcome: answer.outcome, attempts }
  }
  const unavailable = new ServiceError('unavailable')
  const conflict = new ServiceError('edit_conflict')
  const gone = new ServiceError('video_not_found')

  test('tries again what may be repeated until it is acknowledged', async () => {
    const ends = [unavailable, new TypeError('fetch failed'), 'ok' as const]
    expect(await callThatEnds(ends, { repeatable: true })).toEqual({ outcome: 'ok', attempts: 3 })
  })

  test('does not repeat what may not be, and does not know its end', async () => {
    expect(await callThatEnds([unavailable])).toEqual({ outcome: 'unknown', attempts: 1 })
  })

  test('takes a refusal for no effect, but not when an earlier attempt may have had one', async () => {
    expect(await callThatEnds([conflict], { repeatable: true })).toEqual({ outcome: 'fail', attempts: 1 })
    expect(await callThatEnds([unavailable, conflict], { repeatable: true })).toEqual({
      outcome: 'unknown',
      attempts: 2,
    })
  })

  test('takes the refusal that says it is done already for done', async () => {
    const isDone = (error: ServiceError) => error.code === 'video_not_found'
    expect(await callThatEnds([gone], { repeatable: true, isDone })).toEqual({ outcome: 'ok', attempts: 1 })
  })
})

test('a seed gives the same numbers again, and another seed others', () => {
  const draw = (seed: number) => {
    const random = seededRandom(seed)
    return [random.below(1_000), random.fork().below(1_000), ...random.shuffle([1, 2, 3, 4, 5])]
  }
  expect(draw(42)).toEqual(draw(42))
  expect(draw(42)).not.toEqual(draw(43))
})
