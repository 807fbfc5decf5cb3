import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { freeze, keepDown } from '../../support/faults.ts'
import { announceSeed, scaled, seed } from '../../support/sampling.ts'
import { eventually, healthy } from '../../support/stack.ts'
import { figuresOf, reportFigures } from '../ledger/figures.ts'
import { readLedger } from '../ledger/ledger.ts'
import { runWorkloads } from '../ledger/run.ts'
import { queryMysql } from '../ledger/stores.ts'
import { videos } from '../ledger/workloads/videos.ts'

/** Half of it Kafka stands still, half of it Kafka is dead. */
const outageMs = scaled({ quick: 6_000, full: 60_000 })
/** In a quick round few enough that Kafka gets the CPU to start again. */
const writers = scaled({ quick: 6, full: 24 })

test(
  'R6: while Kafka is away writes are acknowledged, and when it is back everything is published in order',
  async () => {
    announceSeed('R6')
    const result = await runWorkloads({
      name: 'R6',
      workloads: [videos({ clients: writers, authors: writers, publishPercent: 0, deletePercent: 0 })],
      seed,
      during: async () => {
        const startedAt = Date.now()
        const thaw = await freeze('kafka')
        await delay(outageMs / 2)
        const letCome = await keepDown('kafka')
        thaw()
        await delay(outageMs / 2)
        const endedAt = Date.now()
        const { count: waiting, newest } = await waitingEvents(Number.MAX_SAFE_INTEGER)
        await letCome()
        await healthy('kafka', { timeoutMs: 120_000 })
        const backAt = performance.now()
        // The writers go on meanwhile.
        await eventually(async () => (await waitingEvents(newest)).count === 0, { timeoutMs: 180_000, intervalMs: 50 })
        return { startedAt, endedAt, waiting, drainMs: Math.round(performance.now() - backAt) }
      },
    })
    const { startedAt, endedAt, waiting, drainMs } = result.observed
    const written = readLedger(result.ledgerFile).filter(
      ({ outcome, sentAt, answeredAt }) => outcome === 'ok' && sentAt > startedAt && answeredAt < endedAt,
    )
    const measured = {
      'Kafka away (s)': outageMs / 1_000,
      'writes acknowledged meanwhile (1/s)': Math.round(written.length / (outageMs / 1_000)),
      'events waiting when it came back': waiting,
      'drained after (ms)': drainMs,
    }
    reportFigures(
      figuresOf({ row: 'R6', what: 'Kafka frozen, then killed and kept down', rounds: 1, measured }, result),
    )
    expect(result.violations, `seed ${seed}, ledger ${result.ledgerFile}`).toEqual([])
    expect(written.length, 'writes acknowledged while Kafka was away').toBeGreaterThan(outageMs / 1_000)
    expect(waiting, 'their events wait').toBeGreaterThanOrEqual(written.length * 0.9)
  },
  300_000 + 4 * outageMs,
)

/** What waits in the outbox of the video service up to a place in it. */
async function waitingEvents(upTo: number): Promise<{ count: number; newest: number }> {
  const [row] = await queryMysql<{ count: number; newest: number | null }>(
    'select count(*) as count, max(seq) as newest from video.outbox where seq <= ?',
    [upTo],
  )
  return { count: Number(row?.count), newest: Number(row?.newest ?? 0) }
}
