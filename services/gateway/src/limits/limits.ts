import { Bulkheads, type Logger, ServiceError } from '@fanone/service-kit'
import type { Redis } from 'ioredis'
import type { GatewayConfig } from '../config.ts'
import type { RouteTable } from '../routing/route-table.ts'
import { EventStreams } from './event-streams.ts'
import { HashBound } from './hash-bound.ts'
import type { LimitValues } from './limits-file.ts'
import { LoopWatch } from './loop-watch.ts'
import { RateLimiter } from './rate-limiter.ts'
import { RouteBounds } from './route-bounds.ts'
import { shedRequests } from './shed-requests.ts'

const EVENT_STREAMS = { perUser: 8, atATime: 500 }

/** So short that it does not look like a slow route. */
const WRITE_WAIT_MS = 500

/**
 * Everything that bounds what the gateway takes on, in the order in which a request meets it:
 * docs/limits.md.
 */
export interface Limits {
  /** Public connections; further ones are closed at once. */
  maxConnections: number
  /** Which share of the requests this process cannot get to. */
  loop: Pick<LoopWatch, 'excess'>
  /** Requests of one route that go on at a time. */
  routes: RouteBounds
  /** Requests of one client over time. */
  rates: RateLimiter
  /** Changes of one user that go on at a time. */
  userWrites: Bulkheads
  /** Calls that hash a password. */
  hashes: HashBound
  /** Answers that go on for minutes. */
  streams: EventStreams
  /** Changes all of them but `maxConnections`, which the server bounds, while the gateway runs. */
  apply: (values: LimitValues) => void
}

export function createLimits(
  config: GatewayConfig,
  { table, redis, log }: { table: RouteTable; redis: Redis | undefined; log: Logger },
): Limits {
  const loop = new LoopWatch({ limitMs: config.EVENT_LOOP_DELAY_MS })
  loop.start()
  const routes = new RouteBounds(table, config.ROUTE_CONCURRENCY)
  const rates = new RateLimiter({ redis, factor: config.RATE_LIMIT_FACTOR, log })
  const writes = userWrites(config.USER_WRITE_CONCURRENCY)
  const streams = new EventStreams(EVENT_STREAMS)
  return {
    maxConnections: config.MAX_CONNECTIONS,
    loop,
    routes,
    rates,
    userWrites: writes,
    hashes: new HashBound(),
    streams,
    apply: (values) => {
      loop.limitMs = values.eventLoopDelayMs ?? config.EVENT_LOOP_DELAY_MS
      routes.maxAtATime = values.routeConcurrency ?? config.ROUTE_CONCURRENCY
      rates.points = values.ratesPerMinute ?? {}
      writes.resize(writeSizes(values.userWriteConcurrency ?? config.USER_WRITE_CONCURRENCY))
      const { perUser, atATime } = EVENT_STREAMS
      streams.resize({ perUser: values.userEventStreams ?? perUser, atATime: values.eventStreams ?? atATime })
    },
  }
}

const writeSizes = (atATime: number) => ({ running: atATime, waiting: { max: 3 * atATime, maxMs: WRITE_WAIT_MS } })

/**
 * Bounds the changes that one user makes at a time, over all APIs; a few more wait. They often meet
 * in one row: without this bound one user's hundred changes keep the connections of a service and
 * open its breaker for everybody.
 */
function userWrites(atATime: number): Bulkheads {
  return new Bulkheads({
    ...writeSizes(atATime),
    refusal: () => {
      shedRequests.inc({ reason: 'user_writes' })
      return new ServiceError('too_many_requests', { detail: 'Too many changes at a time', retryAfterSeconds: 1 })
    },
  })
}
