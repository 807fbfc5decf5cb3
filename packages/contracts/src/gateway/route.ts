import { oc } from '@orpc/contract'
import type { ErrorCode } from '../errors.ts'

/** The three APIs of the gateway. */
export type Surface = 'v1' | 'fanone' | 'douyin'

/**
 * Access to a route: public; public, but a token must be valid if sent; only for logged-in users;
 * only for operators.
 */
export type Access = 'public' | 'optional' | 'user' | 'operator'

/** How often one client may call a route. */
export interface RateLimit {
  points: number
  windowSeconds: number
  /**
   * `cluster` counts in Redis over all gateways; `instance` in memory, for reads cheaper than
   * counting.
   */
  scope: 'cluster' | 'instance'
}

/**
 * How long an answer may be cached; with `optional` access, the answer to requests without a token.
 */
export interface RouteCache {
  /** How old an answer may be, here and in every cache on the way. */
  seconds: number
  /**
   * Cached by the gateway, which answers the first page from memory. After `seconds` an answer is
   * still served while a newer one is fetched, up to `staleSeconds`, and if that fails, up to
   * `staleIfErrorSeconds` (RFC 5861).
   */
  shared?: { staleSeconds: number; staleIfErrorSeconds: number }
}

/**
 * Rules of a public route that the gateway enforces before the handler, and its documentation.
 * Deadlines are not among them: they belong to the operations that a handler calls.
 */
export interface RouteMeta {
  access: Access
  rateLimit: RateLimit
  cache?: RouteCache | undefined
  /** Whether pages of our own may have its refresh token in a cookie: `Session-Storage: cookie`. */
  inCookie: boolean
  /** What this route answers on purpose, beside what any route may answer. */
  errors: readonly ErrorCode[]
}

/** Limits by what a call costs or risks. */
export const rateLimits = {
  feed: { points: 3_000, windowSeconds: 60, scope: 'instance' },
  read: { points: 1_200, windowSeconds: 60, scope: 'instance' },
  write: { points: 120, windowSeconds: 60, scope: 'cluster' },
  credentials: { points: 30, windowSeconds: 60, scope: 'cluster' },
  /** Each costs a message to somebody's phone. */
  codes: { points: 5, windowSeconds: 60, scope: 'cluster' },
  upload: { points: 30, windowSeconds: 60, scope: 'cluster' },
  /** Parts of one upload: a slow one comes in hundreds of pieces. */
  uploadPiece: { points: 1_200, windowSeconds: 60, scope: 'instance' },
} as const satisfies Record<string, RateLimit>

/** What many people look at in the same moment, and nobody misses for a second. */
export const caches = {
  /** A feed: a page of some seconds ago is better than a late one. */
  feed: { seconds: 1, shared: { staleSeconds: 10, staleIfErrorSeconds: 60 } },
  /**
   * Lists that somebody may just have changed: at most a second old, unless the service is away.
   */
  list: { seconds: 1, shared: { staleSeconds: 1, staleIfErrorSeconds: 60 } },
} as const satisfies Record<string, RouteCache>

/** The declaration of one public route, without its schemas. */
export interface RouteDefinition {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: `/${string}`
  summary: string
  tag: string
  access: Access
  rateLimit: RateLimit
  cache?: RouteCache
  inCookie?: boolean
  errors?: readonly ErrorCode[]
  /** 200 unless said otherwise. */
  successStatus?: number
}

/** Begins the contract of a public route; `.input()` and `.output()` follow. */
export function route(definition: RouteDefinition) {
  const { method, path, summary, tag, access, rateLimit, cache, successStatus = 200 } = definition
  const { inCookie = false, errors = [] } = definition
  return oc
    .$meta<RouteMeta>({ access, rateLimit, cache, inCookie, errors })
    .route({ method, path, summary, tags: [tag], successStatus })
}
