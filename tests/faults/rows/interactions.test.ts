import { expect, test } from 'vitest'
import { announceSeed, drawn, rounds, scaled, seed } from '../../support/sampling.ts'
import { cli, eventually } from '../../support/stack.ts'
import { away, type Fault, kill } from '../ledger/fault-list.ts'
import { figuresOf, reportFigures } from '../ledger/figures.ts'
import { planOf, runNemesis, stepsOf } from '../ledger/nemesis.ts'
import { runWorkloads } from '../ledger/run.ts'
import type { Workload } from '../ledger/workload.ts'
import { comments } from '../ledger/workloads/comments.ts'
import { likes } from '../ledger/workloads/likes.ts'
import { Crowd } from '../ledger/workloads/members.ts'

const limitMs = 600_000 * rounds
/** The rows look at videos and comments of their own only, so the same people do it all. */
const people = new Crowd('fan')
/** In a quick round few enough that what was killed gets the CPU to start again. */
const clients = scaled({ quick: 12, full: 32 })

/** Injects the faults at seeded points until there were `least` steps, and checks everything. */
async function countRow(options: {
  row: string
  what: string
  workload: Workload & { done(): number }
  faults: Fault[]
  /** Number of faults; by default all, once for each round. */
  steps?: number
  least: number
}) {
  const { row, what, workload, faults, steps, least } = options
  announceSeed(row)
  const result = await runWorkloads({
    name: row,
    workloads: [workload],
    seed,
    during: async ({ random, ...again }) => {
      const recoveries = await runNemesis(stepsOf(planOf(faults, rounds, random).slice(0, steps), 1), random, again)
      await eventually(() => workload.done() >= least, { timeoutMs: limitMs / 2, what: `${least} steps` })
      return recoveries
    },
  })
  const measured = { steps: workload.done() }
  reportFigures(figuresOf({ row, what, rounds, recoveries: result.observed, measured }, result))
  expect(result.violations, `seed ${seed}, ledger ${result.ledgerFile}`).toEqual([])
}

/** A quick round tries one of them, which the seed draws. */
const killsUnderLikes = drawn(
  [
    ['R1', 'interaction', 'every acknowledged like is there once and counted once'],
    ['R2', 'interaction.sidecar', 'the service goes on without a restart'],
  ] as const,
  1,
)
test.each(killsUnderLikes)(
  '%s: %s is killed while people like; %s',
  (row, target) =>
    countRow({
      row,
      what: `kill -9 ${target} under likes`,
      workload: likes({ people, clients }),
      faults: [kill(target)],
      least: scaled({ quick: 150, full: 10_000 }),
    }),
  limitMs,
)

test(
  'R3: the same users toggle the same likes from many sides; one row each, and the counters are the rows',
  () =>
    countRow({
      row: 'R3',
      what: 'toggles of the same likes in parallel',
      workload: likes({ people, clients: 24, users: 3, videos: scaled({ quick: 3, full: 20 }), unlikePercent: 50 }),
      faults: [],
      least: scaled({ quick: 200, full: 20_000 }),
    }),
  limitMs,
)

test(
  'R21: interaction is killed and Kafka is away while people comment, reply and delete; no orphan, and the counters are what is visible',
  () =>
    countRow({
      row: 'R21',
      what: 'kill -9 interaction and Kafka away under comments',
      workload: comments({ people }),
      faults: [kill('interaction'), away('kafka', scaled({ quick: 2_000, full: 5_000 }))],
      steps: scaled({ quick: 1, full: Number.POSITIVE_INFINITY }),
      least: scaled({ quick: 120, full: 5_000 }),
    }),
  limitMs,
)

test(
  'R1, all the way: interaction, stats, their sidecars and Kafka are killed while people like and take it back; every counter is the set of acknowledged likes, and counting anew finds no drift',
  async () => {
    await countRow({
      row: 'R1, all the way',
      what: 'kill -9 interaction, stats, their sidecars and Kafka under likes',
      workload: likes({
        people,
        clients,
        users: scaled({ quick: 12, full: 200 }),
        videos: scaled({ quick: 4, full: 50 }),
      }),
      faults: ['interaction', 'interaction.sidecar', 'stats', 'stats.sidecar', 'kafka'].map(kill),
      steps: scaled({ quick: 2, full: 20 }),
      least: scaled({ quick: 150, full: 10_000 }),
    })
    // Other tests may leave drift on purpose; the second count finds drift of this one.
    await cli('stats:rebuild')
    const { exitCode, all } = await cli('stats:rebuild')
    expect(all).toContain('Drift 0,')
    expect(exitCode, all).toBe(0)
  },
  limitMs,
)
