import { oc } from '@orpc/contract'
import type { ErrorCode } from '../errors.ts'

/** Who may call a route: anybody; anybody, but a token that is shown must be good; only who is logged in. */
export type Access = 'public' | 'optional' | 'user'

/** How often one client may call a route. */
export interface RateLimit {
  points: number
  windowSeconds: number
  /** `cluster` is counted in Redis over all gateways; `instance` in memory, for reads so cheap that counting would cost more. */
  scope: 'cluster' | 'instance'
}

/** What the gateway enforces on a public route before its handler runs, and what the documentation says about it. */
export interface RouteMeta {
  access: Access
  rateLimit: RateLimit
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

/** The declaration of one public route, without its schemas. */
export interface RouteDefinition {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: `/${string}`
  summary: string
  tag: string
  access: Access
  rateLimit: RateLimit
  errors?: readonly ErrorCode[]
  /** 200 unless said otherwise. */
  successStatus?: number
}

/** Begins the contract of a public route; `.input()` and `.output()` follow. */
export function route(definition: RouteDefinition) {
  const { method, path, summary, tag, access, rateLimit, errors = [], successStatus = 200 } = definition
  return oc.$meta<RouteMeta>({ access, rateLimit, errors }).route({ method, path, summary, tags: [tag], successStatus })
}
