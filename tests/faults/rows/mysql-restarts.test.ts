import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Recovery } from '../../../scripts/docs/fault-report.ts'
import { announceSeed, scaled, seed } from '../../support/sampling.ts'
import { cli, eventually, kill9, part } from '../../support/stack.ts'
import { figuresOf, reportFigures } from '../ledger/figures.ts'
import { runWorkloads } from '../ledger/run.ts'
import { queryMysql } from '../ledger/stores.ts'
import { profiles } from '../ledger/workloads/profiles.ts'
import { videos } from '../ledger/workloads/videos.ts'

const restarts = scaled({ quick: 2, full: 10 })

test(
  'R7: MySQL ends in the middle of transactions, by order and by kill; no acknowledged write is lost, none is half there, and writing goes on by itself',
  async () => {
    announceSeed('R7')
    const result = await runWorkloads({
      name: 'R7',
      workloads: [videos({ clients: 16, authors: 8, publishPercent: 2, deletePercent: 2 }), profiles({ clients: 8 })],
      seed,
      during: async ({ random, acknowledged }) => {
        const recoveries: Recovery[] = []
        for (let round = 0; round < restarts; round++) {
          await delay(300 + random.below(1_000))
          const { pid } = await part('mysql')
          const how = round % 2 === 0 ? 'kill' : 'restart'
          const ending = how === 'kill' ? kill9('mysql') : cli('restart', 'mysql')
          await eventually(async () => (await part('mysql')).pid !== pid && (await queryMysql('select 1')), {
            timeoutMs: 60_000,
            intervalMs: 20,
          })
          const answersAt = performance.now()
          await acknowledged()
          const ms = Math.round(performance.now() - answersAt)
          await ending
          recoveries.push({ fault: `${how} mysql, since it answers`, writesMs: ms, allMs: ms })
        }
        return recoveries
      },
    })
    reportFigures(
      figuresOf(
        { row: 'R7', what: 'MySQL killed and restarted in turn', rounds: restarts, recoveries: result.observed },
        result,
      ),
    )
    expect(result.violations, `seed ${seed}, ledger ${result.ledgerFile}`).toEqual([])
  },
  180_000 + restarts * 60_000,
)
