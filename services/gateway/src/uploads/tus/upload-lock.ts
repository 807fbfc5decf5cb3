import { setTimeout as delay } from 'node:timers/promises'
import type { Upload } from '@fanone/contracts'
import { type Identity, ServiceError } from '@fanone/service-kit'
import type { Lock } from '@tus/utils'
import type { Client } from '../../calls/client.ts'

/** Longer than a writer may be silent before it loses its lock, so a killed one is outwaited. */
const WAIT_MS = 7_000
const TRY_EVERY_MS = 100
const KEEP_EVERY_MS = 500

export interface UploadLockOptions {
  uploads: Client<'video'>['uploads']
  identity: Identity
  id: string
  token: string
  /** Its row is made locked. */
  isNew: boolean
  /** Hears of the upload as it is for the one who has the lock. */
  onLocked: (upload: Upload) => void
}

/**
 * Keeps all but one request from writing to an upload, over all gateways: a lease in the video
 * service's row. Who wants it is waited for by nobody: the request that writes ends with what it
 * has, because it usually is the same client's, on a line that is dead.
 */
export class UploadLock implements Lock {
  readonly #options: UploadLockOptions
  #keeping: NodeJS.Timeout | undefined

  constructor(options: UploadLockOptions) {
    this.#options = options
  }

  /** @throws ServiceError `upload_not_found`, `upload_expired`, `upload_locked` */
  async lock(signal: AbortSignal, cancelRequest: () => void): Promise<void> {
    if (!this.#options.isNew) await this.#acquire(signal)
    this.#keeping = setInterval(() => void this.#keep(cancelRequest), KEEP_EVERY_MS)
  }

  async unlock(): Promise<void> {
    clearInterval(this.#keeping)
    const { uploads, id, token } = this.#options
    // It ends by itself, and what the request did is done.
    await uploads.unlock({ id, token }, this.#as()).catch(() => undefined)
  }

  async #acquire(signal: AbortSignal): Promise<void> {
    const { uploads, id, token, onLocked } = this.#options
    const giveUpAt = performance.now() + WAIT_MS
    while (true) {
      const { upload, isLocked } = await uploads.lock({ id, token }, this.#as())
      if (isLocked) return onLocked(upload)
      if (signal.aborted || performance.now() > giveUpAt)
        throw new ServiceError('upload_locked', { retryAfterSeconds: 1 })
      await delay(TRY_EVERY_MS)
    }
  }

  async #keep(cancelRequest: () => void): Promise<void> {
    const { uploads, id, token } = this.#options
    const kept = await uploads.keepLock({ id, token }, this.#as()).catch(() => undefined)
    if (kept && (!kept.isLocked || kept.isWanted)) cancelRequest()
  }

  #as() {
    return { context: { identity: this.#options.identity } }
  }
}
