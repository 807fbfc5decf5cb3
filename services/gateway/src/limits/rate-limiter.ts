import { hash } from 'node:crypto'
import { type RateLimit, rateLimits } from '@fanone/contracts/gateway'
import { Counter, type Logger, ServiceError } from '@fanone/service-kit'
import type { Redis } from 'ioredis'
import ipaddr from 'ipaddr.js'
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'

const refusals = new Counter({
  name: 'fanone_rate_limit_refusals_total',
  help: 'Requests refused because a client made too many, by limit',
  labelNames: ['limit'] as const,
})

export interface RateLimiterOptions {
  /**
   * Counts over all gateways. Directly, not through Dapr: its state API cannot increment and read
   * the time left in one step. While it is away every gateway counts for itself.
   */
  redis: Redis | undefined
  /** Multiplies every limit. */
  factor: number
  log: Logger
}

/** Counts what clients do, by name of the limit and by client. */
export class RateLimiter {
  readonly #options: RateLimiterOptions
  readonly #limiters = new Map<string, RateLimiterAbstract>()
  #points: Partial<Record<keyof typeof rateLimits, number>> = {}

  constructor(options: RateLimiterOptions) {
    this.#options = options
  }

  /**
   * Counts one use.
   *
   * @param name which limit; from a finite set, for example the template of a route
   * @param client the client to count, see `clientOf`
   * @throws ServiceError `too_many_requests` with the time to wait
   */
  async consume(name: string, client: string, limit: RateLimit): Promise<void> {
    try {
      await this.#limiterOf(name, limit).consume(client)
    } catch (outcome) {
      if (!(outcome instanceof RateLimiterRes)) {
        this.#options.log.warn({ err: outcome, limit: name }, 'a rate limit could not be counted; the request passes')
        return
      }
      refusals.inc({ limit: name })
      throw new ServiceError('too_many_requests', { retryAfterSeconds: Math.max(1, outcome.msBeforeNext / 1_000) })
    }
  }

  /**
   * Changes limits of contracts, by name; those that are not named are as contracts say. What is
   * counted in memory begins anew.
   */
  set points(points: Partial<Record<keyof typeof rateLimits, number>>) {
    this.#points = points
    this.#limiters.clear()
  }

  /**
   * Counts one use that is refused to nobody and may turn out to be harmless.
   *
   * @returns whether there were too many, and what takes the use back. One too many stays counted:
   *   whoever is refused from memory was not counted, and taking that back would allow another
   */
  async count(
    name: string,
    client: string,
    limit: RateLimit,
  ): Promise<{ isTooMany: boolean; takeBack: () => Promise<void> }> {
    try {
      await this.consume(name, client, limit)
      return { isTooMany: false, takeBack: () => this.#takeBack(name, client, limit) }
    } catch {
      return { isTooMany: true, takeBack: async () => {} }
    }
  }

  async #takeBack(name: string, client: string, limit: RateLimit): Promise<void> {
    const failed = (err: unknown) => this.#options.log.warn({ err, limit: name }, 'a rate limit was not taken back')
    await this.#limiterOf(name, limit).reward(client).catch(failed)
  }

  #limiterOf(name: string, limit: RateLimit): RateLimiterAbstract {
    let limiter = this.#limiters.get(name)
    if (!limiter) {
      limiter = this.#makeLimiter(name, limit)
      this.#limiters.set(name, limiter)
    }
    return limiter
  }

  #makeLimiter(name: string, limit: RateLimit): RateLimiterAbstract {
    const { redis, factor } = this.#options
    const named = (Object.keys(rateLimits) as (keyof typeof rateLimits)[]).find((key) => rateLimits[key] === limit)
    const wanted = (named && this.#points[named]) ?? limit.points
    const points = Math.max(1, Math.round(wanted * factor))
    const rules = { points, duration: limit.windowSeconds, keyPrefix: `gateway:limit:${name}` }
    const memory = new RateLimiterMemory(rules)
    if (limit.scope === 'instance' || !redis) return memory
    return new RateLimiterRedis({
      ...rules,
      storeClient: redis,
      rejectIfRedisNotReady: true,
      insuranceLimiter: memory,
      // Clients over the limit are refused from memory for the rest of the window: a flood does not
      // reach Redis.
      inMemoryBlockOnConsumed: points + 1,
    })
  }
}

/** The client that a request counts for: the user, else the address it came from. */
export function clientOf(request: { ip?: string | undefined }, identity: { userId: number } | undefined): string {
  return identity ? `user:${identity.userId}` : `ip:${networkOf(request.ip ?? 'unknown')}`
}

/** An IPv6 subscriber owns at least a /64, so the rest of the address does not identify anybody. */
function networkOf(text: string): string {
  if (!ipaddr.isValid(text)) return text
  const address = ipaddr.process(text) // turns ::ffff:10.0.0.1 into IPv4
  if (address instanceof ipaddr.IPv4) return address.toString()
  const groups = address.parts.slice(0, 4).map((part) => part.toString(16))
  return `${groups.join(':')}::/64`
}

/** A key made of secret or personal parts, which cannot be read back from it. */
export const hashedKey = (...parts: string[]) => hash('sha256', parts.join('\n'), 'base64url')
