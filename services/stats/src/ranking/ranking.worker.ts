import { RankingPeriod } from '@fanone/contracts'
import { type Database, type Logger, RepeatingWorker } from '@fanone/service-kit'
import { HOUR_MS } from '../counter/changes.ts'
import type { RankingRepository } from './ranking.repository.ts'

const INTERVAL_MS = 1_500
/** Ratio of pause to work: rankings take at most a tenth of a core. */
const REST_FACTOR = 10
/** What took long once, because a machine was busy, must not leave rankings old for long. */
const LONGEST_PAUSE_MS = 10_000

/**
 * Recomputes rankings after visits and at every full hour, and publishes those that changed. One
 * instance at a time.
 */
export function rankingWorker(parts: {
  database: Database
  rankings: RankingRepository
  log: Logger
}): RepeatingWorker {
  const { database, rankings, log } = parts
  let lastHour: number | undefined
  return new RepeatingWorker({
    name: 'rankings',
    isDue: async () => currentHour() !== lastHour || (await rankings.changedMark()) !== undefined,
    onlyOne: database,
    work: async () => {
      const hour = currentHour()
      const mark = await rankings.changedMark()
      await makeAll(rankings, hour)
      if (hour !== lastHour) await rankings.forgetHours(hour)
      lastHour = hour
      if (mark !== undefined) await rankings.forgetChange(mark)
    },
    pauseMs: ({ tookMs }) => Math.max(INTERVAL_MS, Math.min(LONGEST_PAUSE_MS, REST_FACTOR * tookMs)),
    log,
    failure: 'the rankings could not be computed',
  })
}

const currentHour = () => Math.floor(Date.now() / HOUR_MS)

async function makeAll(rankings: RankingRepository, hour: number): Promise<void> {
  for (const period of RankingPeriod.options) {
    const [before, items] = [await rankings.read(period), await rankings.compute(period, hour)]
    if (JSON.stringify(items) !== JSON.stringify(before.items)) await rankings.replace(period, items)
  }
}
