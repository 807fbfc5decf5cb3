import { expect, test } from 'vitest'
import type { Recovery } from '../../../scripts/docs/fault-report.ts'
import { freeze } from '../../support/faults.ts'
import { announceSeed, rounds, seed } from '../../support/sampling.ts'
import { eventually, healthy, kill9 } from '../../support/stack.ts'
import { figuresOf, reportFigures } from '../ledger/figures.ts'
import { runWorkloads } from '../ledger/run.ts'
import { videos } from '../ledger/workloads/videos.ts'

/**
 * The parts between a commit and its readers: the sender with its relay, the receiver with its
 * handler.
 */
const victims = [
  ['video'],
  ['video.sidecar'],
  ['feed'],
  ['feed.sidecar'],
  ['video', 'video.sidecar'],
  ['feed', 'feed.sidecar'],
]

test(
  'R9: whatever is killed between a commit and its projection, the feed is as the catalogue soon after everything is up',
  async () => {
    announceSeed('R9')
    const result = await runWorkloads({
      name: 'R9',
      workloads: [videos({ clients: 4, authors: 2, publishPercent: 5, deletePercent: 5 })],
      seed,
      during: async ({ random, acknowledged, shown }) => {
        const recoveries: Recovery[] = []
        for (let round = 0; round < Math.max(rounds, 2); round++) {
          const killed = random.pick(victims)
          // Committed, and on its way: nothing gets past what stands still.
          const thaw = await freeze(random.pick(['kafka', 'redis']))
          await acknowledged()
          await Promise.all(killed.map(kill9))
          thaw()
          await eventually(() => healthy(undefined, { timeoutMs: 60_000 }).then(() => true))
          const upAt = performance.now()
          await shown()
          const ms = Math.round(performance.now() - upAt)
          recoveries.push({ fault: `kill ${killed.join(' and ')}, since all is up`, writesMs: ms, allMs: ms })
        }
        return recoveries
      },
    })
    reportFigures(
      figuresOf(
        {
          row: 'R9',
          what: 'killed between commit and projection',
          rounds: result.observed.length,
          recoveries: result.observed,
        },
        result,
      ),
    )
    expect(result.violations, `seed ${seed}, ledger ${result.ledgerFile}`).toEqual([])
  },
  120_000 + rounds * 60_000,
)
