import { ServiceError } from '@fanone/service-kit'
import { type CryptoKey, importJWK, type JWK } from 'jose'

/**
 * Unknown key ids ask for the keys again, but never more often than this: anybody can send an
 * unknown key id.
 */
const MIN_REFRESH_INTERVAL_MS = 3_000
/** After this long the keys are fetched again, so that a withdrawn key is forgotten. */
const MAX_AGE_MS = 10 * 60_000

export interface KeySetOptions {
  /** Fetches the public keys (RFC 7517); may fail. */
  fetchKeys: () => Promise<Record<string, unknown>[]>
  /** Clock in ms since 1970. */
  now?: () => number
}

/** The public keys of access tokens. Keys that were fetched once are used while fetching fails. */
export class KeySet {
  readonly #options: KeySetOptions
  #keys = new Map<string, CryptoKey>()
  #published: Record<string, unknown>[] = []
  #triedAt = Number.NEGATIVE_INFINITY
  #refreshing: Promise<void> | undefined
  #failure: unknown

  constructor(options: KeySetOptions) {
    this.#options = options
  }

  /**
   * The key of this id, undefined where there is none.
   *
   * @throws ServiceError where no keys could be fetched yet
   */
  async find(keyId: string): Promise<CryptoKey | undefined> {
    const known = this.#keys.get(keyId)
    if (known) {
      if (this.#ageMs() > MAX_AGE_MS) void this.#refresh()
      return known
    }
    if (this.#refreshing || this.#ageMs() >= MIN_REFRESH_INTERVAL_MS) await this.#refresh()
    if (this.#keys.size === 0) throw this.#unavailable()
    return this.#keys.get(keyId)
  }

  /** The keys as they are published. @throws ServiceError where no keys could be fetched yet */
  async list(): Promise<Record<string, unknown>[]> {
    const hasKeys = this.#published.length > 0
    if (hasKeys && this.#ageMs() > MAX_AGE_MS) void this.#refresh()
    if (!hasKeys && this.#ageMs() >= MIN_REFRESH_INTERVAL_MS) await this.#refresh()
    if (this.#published.length === 0) throw this.#unavailable()
    return this.#published
  }

  #ageMs(): number {
    return this.#now() - this.#triedAt
  }

  #now(): number {
    return this.#options.now?.() ?? Date.now()
  }

  #unavailable(): ServiceError {
    return new ServiceError('unavailable', { retryAfterSeconds: 1, cause: this.#failure })
  }

  /** Never rejects; a failure keeps the keys that are there. */
  #refresh(): Promise<void> {
    this.#refreshing ??= this.#load()
      .catch((error) => {
        this.#failure = error
      })
      .finally(() => {
        this.#refreshing = undefined
      })
    return this.#refreshing
  }

  async #load(): Promise<void> {
    this.#triedAt = this.#now()
    const published = (await this.#options.fetchKeys()).filter(isVerificationKey)
    const keys = new Map<string, CryptoKey>()
    for (const jwk of published) keys.set(String(jwk.kid), (await importJWK(jwk as JWK, 'EdDSA')) as CryptoKey)
    this.#keys = keys
    this.#published = published
    this.#failure = undefined
  }
}

/**
 * Public Ed25519 keys with a name; a private part would make it a secret that must not be passed
 * on.
 */
function isVerificationKey(jwk: Record<string, unknown>): boolean {
  return jwk.kty === 'OKP' && jwk.crv === 'Ed25519' && typeof jwk.kid === 'string' && jwk.d === undefined
}
