import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { type Database, deleteInPieces, type EntityManager, kysely, ServiceError } from '@fanone/service-kit'
import type { SigningKeys } from '../key/signing-key.ts'
import { hashSecret } from '../session/refresh-token.ts'
import type { SpentChallengeEntity } from './passkey.entity.ts'

/** How long an authenticator may take to answer. */
export const CHALLENGE_MS = 5 * 60_000
const TIME_BYTES = 6
const RANDOM_BYTES = 16
const MAC_BYTES = 32
const BYTES = TIME_BYTES + RANDOM_BYTES + MAC_BYTES

/**
 * Challenges that authenticators sign. One is its expiry, random bytes and an HMAC over what it is
 * for, so asking for one stores nothing, however often that is done. A row is written when one is
 * answered: of many answers at the same time, also to several instances, one succeeds.
 */
export class PasskeyChallenges {
  readonly #database: Database
  readonly #key: Buffer
  readonly #now: () => Date

  constructor(options: { database: Database; signingKeys: Pick<SigningKeys, 'derive'>; now?: () => Date }) {
    this.#database = options.database
    this.#key = options.signingKeys.derive('passkey challenges', 32)
    this.#now = options.now ?? (() => new Date())
  }

  /** @param use what it may be used for */
  issue(use: string): Buffer {
    const body = Buffer.alloc(TIME_BYTES + RANDOM_BYTES)
    body.writeUIntBE(this.#now().getTime() + CHALLENGE_MS, 0, TIME_BYTES)
    randomBytes(RANDOM_BYTES).copy(body, TIME_BYTES)
    return Buffer.concat([body, this.#mac(body, use)])
  }

  /** Whether it was issued for this and is not too old. */
  isGood(challenge: string, use: string): boolean {
    const bytes = Buffer.from(challenge, 'base64url')
    if (bytes.length !== BYTES) return false
    const body = bytes.subarray(0, -MAC_BYTES)
    if (!timingSafeEqual(bytes.subarray(-MAC_BYTES), this.#mac(body, use))) return false
    return body.readUIntBE(0, TIME_BYTES) > this.#now().getTime()
  }

  /**
   * Uses up a challenge, in the transaction of what it is for.
   *
   * @throws ServiceError `passkey_invalid` where it was used before
   */
  async spend(em: EntityManager, challenge: string): Promise<void> {
    const { numInsertedOrUpdatedRows = 0n } = await kysely<typeof SpentChallengeEntity>(em)
      .insertInto('spent_challenge')
      .ignore()
      .values({ challenge_hash: hashSecret(challenge), spent_at: this.#now() })
      .executeTakeFirst()
    if (numInsertedOrUpdatedRows === 0n) throw new ServiceError('passkey_invalid')
  }

  /** Deletes what is too old to be used again anyhow. */
  async deleteOld(signal: AbortSignal): Promise<void> {
    const old = kysely<typeof SpentChallengeEntity>(this.#database.em())
      .deleteFrom('spent_challenge')
      .where('spent_at', '<', new Date(this.#now().getTime() - 2 * CHALLENGE_MS))
    await deleteInPieces(old, signal)
  }

  #mac(body: Buffer, use: string): Buffer {
    return createHmac('sha256', this.#key).update(body).update(use).digest()
  }
}
