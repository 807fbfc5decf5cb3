import { setTimeout as delay } from 'node:timers/promises'
import type { RebuildReport } from '@fanone/contracts'
import { type Logger, ServiceError, untraced } from '@fanone/service-kit'
import { isContent, readSubject, type Subject } from '../counter/subject.ts'
import { type Comparison, confirmDrift, differingIn, driftBetween, expectedOf } from './compare.ts'
import { emptyReport, type RebuildRepository } from './rebuild.repository.ts'
import { type Recount, recount, type Sources } from './recount.ts'

/** Pause between the two comparisons; longer than an event takes to its effect. */
const SETTLE_MS = 5_000
/** Looks at what does not settle. */
const MAX_ROUNDS = 4
const KEEP_ALIVE_MS = 5_000

/**
 * Recounts everything from the services that own it and repairs counters, while events arrive.
 * Stored and recounted values are never from the same moment, so a counter counts as wrong only if
 * it was off in two comparisons further apart than an event takes, while neither value changed. It
 * is set only if its version is still the same. Counters that keep changing are reported and left
 * for the next rebuild.
 */
export class RebuildService {
  readonly #rebuilds: RebuildRepository
  readonly #sources: Sources
  readonly #log: Logger
  readonly #settleMs: number

  constructor(options: { rebuilds: RebuildRepository; sources: Sources; log: Logger; settleMs?: number }) {
    this.#rebuilds = options.rebuilds
    this.#sources = options.sources
    this.#log = options.log
    this.#settleMs = options.settleMs ?? SETTLE_MS
  }

  /** Begins a rebuild in the background, or names the one that is under way. */
  async start(key: string | undefined): Promise<{ id: number }> {
    const { id, isNew } = await this.#rebuilds.begin(key)
    if (isNew) void untraced(() => this.#run(id))
    return { id }
  }

  /** @throws ServiceError `not_found` */
  async get(id: number) {
    const run = await this.#rebuilds.find(id)
    if (!run) throw new ServiceError('not_found')
    return { state: run.state, report: run.report }
  }

  async #run(id: number): Promise<void> {
    const alive = setInterval(() => void this.#rebuilds.keepAlive(id).catch(() => {}), KEEP_ALIVE_MS).unref()
    try {
      const report = await this.rebuild()
      await this.#rebuilds.end(id, 'done', report)
      this.#log.info({ report }, 'all counters were recounted')
    } catch (error) {
      this.#log.warn({ err: error }, 'the recount failed')
      const report = { ...emptyReport, error: (error as Error).message }
      await this.#rebuilds.end(id, 'failed', report).catch(() => {})
    } finally {
      clearInterval(alive)
    }
  }

  /** @throws ServiceError where one of the services does not answer */
  async rebuild(): Promise<RebuildReport> {
    let { look } = await this.#look()
    const report: RebuildReport = { ...emptyReport, drift: driftBetween(look, []) }
    report.checked = countSubjects(look.expected.keys())
    let candidates = differingIn(look)
    for (let round = 1; candidates.size > 0 && round <= MAX_ROUNDS; round++) {
      await delay(this.#settleMs)
      const { look: next, recounted } = await this.#look()
      const { drifted, unsettled } = confirmDrift(look, next, candidates)
      const raced = await this.#repair(next, recounted, drifted)
      const repaired = drifted.filter((subject) => !raced.has(subject))
      report.repaired += repaired.length
      addDrift(report.drift, driftBetween(next, repaired))
      candidates = new Set([...unsettled, ...raced])
      look = next
    }
    return { ...report, unsettled: candidates.size }
  }

  async #look(): Promise<{ look: Comparison; recounted: Recount }> {
    const stored = await this.#rebuilds.readAll()
    const recounted = await recount(this.#sources)
    return { look: { stored, expected: expectedOf(recounted, stored) }, recounted }
  }

  /** @returns those that have changed since they were looked at and were left alone */
  async #repair({ stored, expected }: Comparison, { counts }: Recount, drifted: Subject[]): Promise<Set<Subject>> {
    const raced = new Set<Subject>()
    const videoIds = new Set<number>()
    for (const subject of drifted) {
      const wanted = expected.get(subject)
      if (!wanted) continue
      const isSet = await this.#rebuilds.repair(subject, stored.get(subject)?.version ?? 0, wanted)
      if (!isSet) raced.add(subject)
      else if (subject.startsWith('video:')) videoIds.add(readSubject(subject).id)
    }
    await this.#rebuilds.repairHours(videoIds, counts.visits())
    return raced
  }
}

function countSubjects(subjects: Iterable<Subject>): RebuildReport['checked'] {
  const checked = { contents: 0, users: 0 }
  for (const subject of subjects) checked[isContent(readSubject(subject)) ? 'contents' : 'users'] += 1
  return checked
}

function addDrift(to: RebuildReport['drift'], more: RebuildReport['drift']): void {
  for (const [name, { subjects, sum }] of Object.entries(more)) {
    const known = to[name] ?? { subjects: 0, sum: 0 }
    to[name] = { subjects: known.subjects + subjects, sum: known.sum + sum }
  }
}
