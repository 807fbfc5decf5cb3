import type { ContentKind, ContentRef } from '@fanone/contracts'
import { callMark, type Identity, ServiceError } from '@fanone/service-kit'
import { type ContentService, notFound } from '../content/content.service.ts'
import type { VisitRepository } from './visit.repository.ts'

/** Visits, each viewer once in ten minutes. */
export class VisitService {
  readonly #visits: VisitRepository
  readonly #contents: ContentService

  constructor(options: { visits: VisitRepository; contents: ContentService }) {
    this.#visits = options.visits
    this.#contents = options.contents
  }

  /** @throws ServiceError `video_not_found`, `comment_not_found`, `not_found`, `invalid_input` */
  async record(
    identity: Identity | undefined,
    input: { target: ContentRef; visitor?: string | undefined },
    key?: string | undefined,
  ): Promise<{ counted: boolean }> {
    const { target, visitor } = input
    const viewer = identity ? `user:${identity.userId}` : visitor
    if (viewer === undefined)
      throw new ServiceError('invalid_input', { detail: 'visitor: is required without a caller' })
    const call = { target, viewer, mark: callMark('visits.record', key) }
    let outcome = await this.#visits.record(call)
    if (outcome === 'unknown') {
      await this.#contents.require(target)
      outcome = await this.#visits.record(call)
    }
    if (outcome === 'unknown') throw notFound(target.kind)
    return { counted: outcome === 'counted' }
  }

  async walk(input: { kind: ContentKind; after?: { contentId: number; hour: string } | undefined; limit: number }) {
    const after = input.after && { contentId: input.after.contentId, hour: new Date(input.after.hour) }
    const items = await this.#visits.walk({ ...input, after })
    return { items: items.map((item) => ({ ...item, hour: item.hour.toISOString() })) }
  }
}
