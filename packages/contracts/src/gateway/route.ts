import { oc } from '@orpc/contract'
import type { ErrorCode } from '../errors.ts'

/** The three APIs of the gateway. */
export type Surface = 'v1' | 'fanone' | 'douyin'

/** Who may call a route: anybody; anybody, but a token that is shown must be good; only who is logged in. */
export type Access = 'public' | 'optional' | 'user'

/** How often one client may call a route. */
export interface RateLimit {
  points: number
  windowSeconds: number
  /** `cluster` is counted in Redis over all gateways; `instance` in memory, for reads so cheap that counting would cost more. */
  scope: 'cluster' | 'instance'
}

/** How long an answer may be kept. With `optional` access that is the answer to requests without a token. */
export interface RouteCache {
  /** How old an answer may be, here and in every cache on the way. */
  seconds: number
  /**
   * Kept by the gateway itself, which then answers the first page from memory. Beyond `seconds` an answer is still served
   * while a newer one is fetched, up to `staleSeconds`, and while none can be had, up to `staleIfErrorSeconds` (RFC 5861).
   */
  shared?: { staleSeconds: number; staleIfErrorSeconds: number }
}

/** What the gateway enforces on a public route before its handler runs, and what the documentation says about it. */
export interface RouteMeta {
  access: Access
  rateLimit: RateLimit
  cache?: RouteCache | undefined
  /** What this route answers on purpose, beside what any route may answer. */
  errors: readonly ErrorCode[]
}

/** Limits by what a call costs or risks. */
export const rateLimits = {
  feed: { points: 3_000, windowSeconds: 60, scope: 'instance' },
  read: { points: 1_200, windowSeconds: 60, scope: 'instance' },
  write: { points: 120, windowSeconds: 60, scope: 'cluster' },
  credentials: { points: 30, windowSeconds: 60, scope: 'cluster' },
  upload: { points: 30, windowSeconds: 60, scope: 'cluster' },
} as const satisfies Record<string, RateLimit>

/** What many people look at in the same moment, and nobody misses for a second. */
export const caches = {
  /** A feed: a page of some seconds ago is better than a late one. */
  feed: { seconds: 1, shared: { staleSeconds: 10, staleIfErrorSeconds: 60 } },
  /** A list that somebody may just have changed: never older than a second, unless its service is away. */
  list: { seconds: 1, shared: { staleSeconds: 1, staleIfErrorSeconds: 60 } },
} as const satisfies Record<string, RouteCache>

/** The declaration of one public route, without its schemas. */
export interface RouteDefinition {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: `/${string}`
  summary: string
  tag: string
  access: Access
  rateLimit: RateLimit
  cache?: RouteCache
  errors?: readonly ErrorCode[]
  /** 200 unless said otherwise. */
  successStatus?: number
}

/** Begins the contract of a public route; `.input()` and `.output()` follow. */
export function route(definition: RouteDefinition) {
  const { method, path, summary, tag, access, rateLimit, cache, errors = [], successStatus = 200 } = definition
  return oc
    .$meta<RouteMeta>({ access, rateLimit, cache, errors })
    .route({ method, path, summary, tags: [tag], successStatus })
}
