import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Video } from '@fanone/contracts'
import { Counter, type Logger, ServiceError } from '@fanone/service-kit'
import type { AuthorService } from '../author/author.service.ts'
import { changeFromVideo, removal } from '../timeline/card.ts'
import type { TimelineRepository } from '../timeline/timeline.repository.ts'
import { RENEW_LOCK_EVERY_MS, type RebuildRepository } from './rebuild.repository.ts'
import type { SupplementService } from './supplement.service.ts'

/** `videos.walk` of the video service. */
export type WalkVideos = (input: { afterId: number; limit: number }) => Promise<{ items: Video[] }>

/**
 * Videos per call; with the longest descriptions less than half of the largest body of a sidecar.
 */
const PAGE_SIZE = 200
const POLL_LOCK_MS = 50

const rebuildsTotal = new Counter({
  name: 'fanone_feed_rebuilds_total',
  help: 'Rebuilds of the timelines by outcome: done, failed',
  labelNames: ['outcome'] as const,
})

/** Rebuilds the timelines from the catalogue while they are read and while events arrive. */
export class RebuildService {
  readonly #rebuilds: RebuildRepository
  readonly #timelines: TimelineRepository
  readonly #authors: AuthorService
  readonly #supplements: Pick<SupplementService, 'rebuild'>
  readonly #walk: WalkVideos
  readonly #log: Logger
  readonly #stopping = new AbortController()

  constructor(options: {
    rebuilds: RebuildRepository
    timelines: TimelineRepository
    authors: AuthorService
    supplements: Pick<SupplementService, 'rebuild'>
    walk: WalkVideos
    log: Logger
  }) {
    this.#rebuilds = options.rebuilds
    this.#timelines = options.timelines
    this.#authors = options.authors
    this.#supplements = options.supplements
    this.#walk = options.walk
    this.#log = options.log
  }

  /**
   * Rebuilds, or waits for the rebuild that is under way.
   *
   * @returns how many videos the timelines hold afterwards
   * @throws ServiceError `unavailable` where a service or Redis does not answer
   */
  async rebuild(): Promise<number> {
    if (!(await this.tryRebuild())) {
      while (await this.#rebuilds.isLocked()) await delay(POLL_LOCK_MS, undefined, { signal: this.#stopping.signal })
      if ((await this.#rebuilds.lastBuild()) === undefined) throw incomplete()
    }
    return this.#timelines.count()
  }

  /**
   * Rebuilds, unless a rebuild is running.
   *
   * @returns false if another rebuild is running, in this instance or another
   * @throws ServiceError `unavailable` if a service or Redis does not answer, or Redis lost its
   *   data meanwhile
   */
  async tryRebuild(): Promise<boolean> {
    const token = randomUUID()
    if (!(await this.#rebuilds.lock(token))) return false
    const renewing = setInterval(() => void this.#rebuilds.renew(token).catch(() => false), RENEW_LOCK_EVERY_MS)
    const startedAtMs = Date.now()
    try {
      const redisRun = await this.#rebuilds.redisRun()
      await this.#rebuilds.setSupplementsMissing(true)
      await this.#mergeCatalogue()
      if (!(await this.#rebuilds.finish(token, redisRun))) throw incomplete()
      rebuildsTotal.inc({ outcome: 'done' })
      this.#log.info({ durationMs: Date.now() - startedAtMs }, 'the timelines are rebuilt')
      await this.rebuildMissingSupplements()
      return true
    } catch (error) {
      rebuildsTotal.inc({ outcome: 'failed' })
      await this.#rebuilds.release(token).catch(() => {})
      throw error
    } finally {
      clearInterval(renewing)
    }
  }

  /**
   * Fills in counters, rankings and follows if the last rebuild could not. Timelines without
   * counters beat no timelines, so a service that does not answer only postpones it.
   */
  async rebuildMissingSupplements(): Promise<void> {
    if (!(await this.#rebuilds.areSupplementsMissing())) return
    try {
      await this.#supplements.rebuild()
      await this.#rebuilds.setSupplementsMissing(false)
    } catch (error) {
      this.#log.warn({ err: error }, 'counters, rankings and follows could not be filled in; trying again')
    }
  }

  /** Ends a rebuild that is under way after the page it is at. */
  stop(): void {
    this.#stopping.abort()
  }

  /** Merges timeline and catalogue in id order. */
  async #mergeCatalogue(): Promise<void> {
    const refreshed = new Set<number>()
    let afterId = 0
    while (Number.isFinite(afterId)) {
      if (this.#stopping.signal.aborted) throw incomplete()
      afterId = await this.#mergePage(afterId, refreshed)
    }
  }

  /**
   * Reads the timeline before the catalogue: a video that the later read lacks was deleted, not
   * just created. Videos published meanwhile come by their events.
   *
   * @param refreshed authors that were loaded already; grows
   * @returns the id up to which both are equal now, Infinity at the end
   */
  async #mergePage(afterId: number, refreshed: Set<number>): Promise<number> {
    const shownIds = await this.#timelines.idsAfter(afterId, PAGE_SIZE)
    const { items } = await this.#walk({ afterId, limit: PAGE_SIZE })
    const catalogueIds = items.map(({ id }) => id)
    const end = Math.min(endOfPage(shownIds), endOfPage(catalogueIds))
    const vanished = goneIds({ shownIds, catalogueIds, end })
    const authorIds = [...new Set(items.map(({ authorId }) => authorId))].filter((id) => !refreshed.has(id))
    await this.#authors.refresh(authorIds)
    for (const id of authorIds) refreshed.add(id)
    await this.#timelines.merge([...items.map(changeFromVideo), ...vanished.map((id) => removal(id))])
    return end
  }
}

/** Which of the shown ids the catalogue does not have, as far as both pages reach. */
export function goneIds(pages: { shownIds: number[]; catalogueIds: number[]; end: number }): number[] {
  const existing = new Set(pages.catalogueIds)
  return pages.shownIds.filter((id) => id <= pages.end && !existing.has(id))
}

/** The last id of a full page; a page that is not full reaches to the end. */
function endOfPage(ids: number[]): number {
  return ids.length < PAGE_SIZE ? Number.POSITIVE_INFINITY : (ids.at(-1) as number)
}

function incomplete(): ServiceError {
  return new ServiceError('unavailable', { detail: 'The rebuild was interrupted', retryAfterSeconds: 1 })
}
