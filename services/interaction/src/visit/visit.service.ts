import type { ContentKind } from '@fanone/contracts'
import { type ContentService, notFound } from '../content/content.service.ts'
import type { Viewing, VisitChanges } from './visit.changes.ts'
import type { VisitRepository } from './visit.repository.ts'

/** Visits, each viewer once in ten minutes. */
export class VisitService {
  readonly #visits: VisitRepository
  readonly #changes: VisitChanges
  readonly #contents: ContentService

  constructor(options: { visits: VisitRepository; changes: VisitChanges; contents: ContentService }) {
    this.#visits = options.visits
    this.#changes = options.changes
    this.#contents = options.contents
  }

  /** Undefined for content that no event has announced. */
  async recordMany(viewings: Viewing[]): Promise<({ counted: boolean } | undefined)[]> {
    const outcomes = await this.#changes.record(viewings)
    return outcomes.map((outcome) => (outcome === 'unknown' ? undefined : { counted: outcome === 'counted' }))
  }

  /** @throws ServiceError `video_not_found`, `comment_not_found`, `not_found` */
  async record(viewing: Viewing): Promise<{ counted: boolean }> {
    const [known] = await this.recordMany([viewing])
    if (known) return known
    await this.#contents.require(viewing.target)
    const [recorded] = await this.recordMany([viewing])
    if (!recorded) throw notFound(viewing.target.kind)
    return recorded
  }

  async walk(input: { kind: ContentKind; after?: { contentId: number; hour: string } | undefined; limit: number }) {
    const after = input.after && { contentId: input.after.contentId, hour: new Date(input.after.hour) }
    const items = await this.#visits.walk({ ...input, after })
    return { items: items.map((item) => ({ ...item, hour: item.hour.toISOString() })) }
  }
}
