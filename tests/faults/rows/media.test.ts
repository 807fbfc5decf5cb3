import { expect, test } from 'vitest'
import { announceSeed, scaled, seed } from '../../support/sampling.ts'
import { eventually } from '../../support/stack.ts'
import { kill } from '../ledger/fault-list.ts'
import { figuresOf, reportFigures } from '../ledger/figures.ts'
import { planOf, runNemesis, stepsOf } from '../ledger/nemesis.ts'
import { runWorkloads } from '../ledger/run.ts'
import { type MediaProgress, media } from '../ledger/workloads/media.ts'

const kills = scaled({ quick: 1, full: 20 })
const wanted = scaled({ quick: 4, full: 100 })
const targets = ['gateway', 'video', 'video.sidecar']

test(
  'media: people send videos in pieces, publish and delete them while gateway, video and its sidecar are killed; each upload is what was sent, and everything is made of it once',
  async () => {
    announceSeed('media')
    const progress: MediaProgress = { published: 0 }
    const result = await runWorkloads({
      name: 'media',
      workloads: [media({ progress })],
      seed,
      during: async ({ random, ...surroundings }) => {
        const recoveries = await runNemesis(stepsOf(planOf(targets.map(kill), kills, random), 1), random, surroundings)
        await eventually(async () => progress.published >= wanted, { timeoutMs: 60_000 + wanted * 5_000 })
        return recoveries
      },
    })
    reportFigures(
      figuresOf(
        {
          row: 'media',
          what: `kill -9 of ${targets.join(', ')} under uploads in pieces, publications and jobs`,
          rounds: kills,
          recoveries: result.observed,
        },
        result,
      ),
    )
    expect(result.violations, `seed ${seed}, ledger ${result.ledgerFile}`).toEqual([])
  },
  300_000 + kills * 60_000,
)
