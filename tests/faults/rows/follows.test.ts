import { expect, test } from 'vitest'
import { announceSeed, scaled, seed } from '../../support/sampling.ts'
import { eventually } from '../../support/stack.ts'
import { kill } from '../ledger/fault-list.ts'
import { figuresOf, reportFigures } from '../ledger/figures.ts'
import { planOf, runNemesis, stepsOf } from '../ledger/nemesis.ts'
import { runWorkloads } from '../ledger/run.ts'
import { follows, type Progress } from '../ledger/workloads/follows.ts'

const operations = scaled({ quick: 300, full: 20_000 })
const kills = scaled({ quick: 1, full: 10 })
const targets = ['relation', 'relation.sidecar']

test(
  'R22: people follow each other and stop to in all directions at once while relation and its sidecar are killed; follower, followee, friends, events and counters agree',
  async () => {
    announceSeed('R22')
    const progress: Progress = { operations: 0 }
    const startedAt = performance.now()
    const result = await runWorkloads({
      name: 'R22',
      workloads: [follows({ progress })],
      seed,
      during: async ({ random, ...surroundings }) => {
        const recoveries = await runNemesis(stepsOf(planOf(targets.map(kill), kills, random), 1), random, surroundings)
        await eventually(async () => progress.operations >= operations, { timeoutMs: 60_000 + operations * 50 })
        return recoveries
      },
    })
    const seconds = Math.round((performance.now() - startedAt) / 1_000)
    reportFigures(
      figuresOf(
        {
          row: 'R22',
          what: `kill -9 of ${targets.join(', ')} while all follow all`,
          rounds: kills,
          recoveries: result.observed,
          measured: { operations: result.operations.length, 'whole row (s)': seconds },
        },
        result,
      ),
    )
    expect(result.violations, `seed ${seed}, ledger ${result.ledgerFile}`).toEqual([])
  },
  300_000 + operations * 60,
)
