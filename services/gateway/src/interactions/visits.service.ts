import { createHmac } from 'node:crypto'
import type { ContentRef, interactionContract } from '@fanone/contracts'
import type { Identity, ServiceClient } from '@fanone/service-kit'

const WRITE_TIMEOUT_MS = 6_000

/** Visits, as all APIs use them. */
export class VisitsService {
  readonly #interaction: ServiceClient<typeof interactionContract>
  readonly #visitorKey: string

  /** @param visitorKey secret that hashes addresses, the same in every gateway */
  constructor(interaction: ServiceClient<typeof interactionContract>, visitorKey: string) {
    this.#interaction = interaction
    this.#visitorKey = visitorKey
  }

  /**
   * @param address of who visits without a token; only its keyed hash goes further, because all addresses there are can be hashed
   * @returns whether the visit counts
   * @throws ServiceError `video_not_found`
   */
  async record(target: ContentRef, viewer: { identity: Identity | undefined; address: string }): Promise<boolean> {
    const { identity, address } = viewer
    const visitor = identity ? {} : { visitor: this.#hash(address) }
    const context = { identity, timeoutMs: WRITE_TIMEOUT_MS }
    return (await this.#interaction.visits.record({ target, ...visitor }, { context })).counted
  }

  #hash(address: string): string {
    return createHmac('sha256', this.#visitorKey).update(address).digest('hex').slice(0, 32)
  }
}
