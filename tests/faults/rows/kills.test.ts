import { expect, test } from 'vitest'
import { announceSeed, drawn, isFull, rounds, seed } from '../../support/sampling.ts'
import { away, freeze, kill, targets } from '../ledger/fault-list.ts'
import { figuresOf, reportFigures } from '../ledger/figures.ts'
import { planOf, runNemesis, stepsOf } from '../ledger/nemesis.ts'
import { runWorkloads } from '../ledger/run.ts'
import { profiles } from '../ledger/workloads/profiles.ts'
import { readers } from '../ledger/workloads/readers.ts'
import { videos } from '../ledger/workloads/videos.ts'

/** A quick round hits so many parts, which the seed draws. */
const QUICK_TARGETS = 4
/** Enough for a recovery of each fault, however slow the machine. */
const longestRoundMs = 60_000

test(
  'kills: whatever part is killed, frozen or kept away while people publish, edit, delete, register and read, what was acknowledged is there once and nothing else is',
  async () => {
    announceSeed('kills')
    const names = drawn(await targets(), QUICK_TARGETS)
    const result = await runWorkloads({
      name: 'kills',
      workloads: [videos(), profiles(), readers()],
      seed,
      during: async ({ random, ...surroundings }) => {
        const kills = Array.from({ length: rounds }, () => planOf(names.map(kill), 1, random)).flat()
        // Some of what takes longer.
        const longer = planOf(
          [...names.map((name) => freeze(name)), ...names.map((name) => away(name))],
          rounds,
          random,
        )
        const all = [...kills, ...longer.slice(0, Math.ceil((names.length * rounds) / 10))]
        // In the full count a quarter happens alone, to measure each; the others together, which is
        // worse.
        const alone = all.slice(0, isFull ? names.length * Math.ceil(rounds / 4) : 0)
        const steps = [...stepsOf(alone, 1), ...stepsOf(all.slice(alone.length), isFull ? 3 : 2)]
        return runNemesis(random.shuffle(steps), random, surroundings)
      },
    })
    reportFigures(
      figuresOf(
        {
          row: 'kills',
          what: `kill -9, some freezes and longer absences of ${names.join(', ')}`,
          rounds,
          recoveries: result.observed,
        },
        result,
      ),
    )
    expect(result.violations, `seed ${seed}, ledger ${result.ledgerFile}`).toEqual([])
  },
  20 * rounds * longestRoundMs,
)
