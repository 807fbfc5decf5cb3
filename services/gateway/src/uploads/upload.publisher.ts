import { setTimeout as delay } from 'node:timers/promises'
import type { Video, videoContract } from '@fanone/contracts'
import { hasCode, type Identity, type Logger, type ServiceClient } from '@fanone/service-kit'
import type { UploadReceiver } from './upload.receiver.ts'

const TRIES = 3
const PAUSE_MS = 500

export interface Publication {
  uploadId: string
  title: string
  description: string
}

export interface UploadPublisherOptions {
  video: ServiceClient<typeof videoContract>
  uploads: Pick<UploadReceiver, 'discard'>
  /** How long one try may take. */
  timeoutMs: number
  log: Logger
  pauseMs?: number
}

/** Turns a stored upload into a video. */
export class UploadPublisher {
  readonly #options: UploadPublisherOptions

  constructor(options: UploadPublisherOptions) {
    this.#options = options
  }

  /**
   * Publishes; the same upload published again answers the same video, so a try without an answer is repeated. A refused upload is
   * removed; one whose fate is unknown stays, the video service sweeps it if nothing came of it.
   *
   * @throws ServiceError `not_a_video`, `unavailable`, `timeout`, …
   */
  async publish(publication: Publication, identity: Identity): Promise<Video> {
    const { video, uploads, timeoutMs, log, pauseMs = PAUSE_MS } = this.#options
    for (let tries = 1; ; tries++) {
      try {
        return await video.videos.publish(publication, { context: { identity, timeoutMs } })
      } catch (error) {
        const isUnknown = hasCode(error, 'unavailable', 'timeout', 'upstream_failed', 'internal')
        if (!isUnknown) await uploads.discard(publication.uploadId)
        if (!hasCode(error, 'unavailable', 'timeout') || tries === TRIES) throw error
        log.warn(
          { uploadId: publication.uploadId, code: error.code, tries },
          'a publication gave no answer; trying again',
        )
        await delay(pauseMs * tries)
      }
    }
  }
}
