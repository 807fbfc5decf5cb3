import { type Identity, ServiceError } from '@fanone/service-kit'
import { LRUCache } from 'lru-cache'
import type { Client } from '../calls/client.ts'
import type { TokenVerifier } from './token-verifier.ts'

/** Shorter than an ended session is remembered: after this long the user service is asked again. */
const TRUSTED_MS = 10 * 60_000
const MAX_REMEMBERED = 10_000

/**
 * Verifies tokens that last as long as their session, for clients that cannot renew them. Whether
 * the session is open is asked every ten minutes; what ends in between `EndedSessions` knows.
 */
export class LastingTokens {
  readonly #verifier: Pick<TokenVerifier, 'verify'>
  readonly #user: Pick<Client<'user'>['sessions'], 'see'>
  readonly #open: LRUCache<string, Promise<boolean>>

  /**
   * @param options.verifier of tokens of the type `lasting+jwt`
   * @param options.now clock in ms
   */
  constructor(options: {
    verifier: Pick<TokenVerifier, 'verify'>
    user: Pick<Client<'user'>['sessions'], 'see'>
    now?: () => number
  }) {
    this.#verifier = options.verifier
    this.#user = options.user
    const clock = options.now === undefined ? {} : { perf: { now: options.now }, ttlResolution: 0 }
    this.#open = new LRUCache({ max: MAX_REMEMBERED, ttl: TRUSTED_MS, ...clock })
  }

  /**
   * The identity that a token stands for.
   *
   * @throws ServiceError as `TokenVerifier` does, and where the user service does not answer
   */
  async verify(token: string): Promise<Identity> {
    const identity = await this.#verifier.verify(token)
    if (await this.#isOpen(identity.sessionId)) return identity
    throw new ServiceError('unauthenticated', { detail: 'The session has ended' })
  }

  #isOpen(sessionId: string): Promise<boolean> {
    let asked = this.#open.get(sessionId)
    if (!asked) {
      asked = this.#user.see({ sessionId }).then(({ isOpen }) => isOpen)
      this.#open.set(sessionId, asked)
      // A failure is nobody's answer.
      asked.catch(() => this.#open.delete(sessionId))
    }
    return asked
  }
}
