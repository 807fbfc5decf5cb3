import { setTimeout as delay } from 'node:timers/promises'
import type { Video } from '@fanone/contracts'
import { hasCode, type Identity, type Logger } from '@fanone/service-kit'
import type { Client } from '../calls/client.ts'
import type { UploadReceiver } from '../http/upload.receiver.ts'

const PAUSE_MS = 1_000

export interface Publication {
  uploadId: string
  title: string
  description: string
}

export interface UploadPublisherOptions {
  video: Client<'video'>
  /** Where refused uploads are removed; without it they stay with their owner. */
  receiver?: Pick<UploadReceiver, 'discardRefused'>
  /** How long one try may take. */
  timeoutMs: number
  /** How long after the first failure it is tried again. */
  retryForMs: number
  log: Logger
}

/** Turns a stored upload into a video. */
export class UploadPublisher {
  readonly #options: UploadPublisherOptions

  constructor(options: UploadPublisherOptions) {
    this.#options = options
  }

  /**
   * Publishes an upload. Publishing twice gives the same video, so a try without an answer is
   * repeated. A refused upload that was received here is removed; one with unknown outcome is left
   * to the video service's sweep.
   *
   * @throws ServiceError `not_a_video`, `unavailable`, `timeout`, …
   */
  async publish(publication: Publication, identity: Identity): Promise<Video> {
    const { video, receiver, timeoutMs, retryForMs, log } = this.#options
    let giveUpAt: number | undefined
    while (true) {
      try {
        return await video.videos.publish(publication, { context: { identity, timeoutMs } })
      } catch (error) {
        await receiver?.discardRefused(publication.uploadId, error)
        giveUpAt ??= Date.now() + retryForMs
        if (!hasCode(error, 'unavailable', 'timeout') || Date.now() >= giveUpAt) throw error
        log.warn({ uploadId: publication.uploadId, code: error.code }, 'a publication gave no answer; trying again')
        await delay(PAUSE_MS)
      }
    }
  }
}
