import type { IncomingHttpHeaders } from 'node:http'
import { Role } from '@fanone/contracts'
import { ServiceError } from './errors.ts'

/**
 * The user a call is made for. The gateway sets it from a verified token; a service may trust it
 * because only its sidecar reaches it.
 */
export interface Identity {
  userId: number
  /** The session the token belongs to. */
  sessionId: string
  /** What the token lets its user do beside what all may. */
  role?: Role | undefined
}

const USER_HEADER = 'fanone-user-id'
const SESSION_HEADER = 'fanone-session-id'
const ROLE_HEADER = 'fanone-user-role'
/** Lets a service recognise a repeated call. */
export const IDEMPOTENCY_HEADER = 'fanone-idempotency-key'

export function identityHeaders(identity: Identity | undefined): Record<string, string> {
  if (!identity) return {}
  const { userId, sessionId, role } = identity
  return { [USER_HEADER]: String(userId), [SESSION_HEADER]: sessionId, ...(role && { [ROLE_HEADER]: role }) }
}

function readIdentity(headers: IncomingHttpHeaders): Identity | undefined {
  const userId = Number(headers[USER_HEADER])
  const sessionId = headers[SESSION_HEADER]
  if (!Number.isSafeInteger(userId) || userId <= 0 || typeof sessionId !== 'string') return undefined
  const written = headers[ROLE_HEADER]
  const role = written === undefined ? undefined : Role.safeParse(written).data
  return { userId, sessionId, ...(role && { role }) }
}

/** What an operation knows about its caller. */
export interface OperationContext {
  identity: Identity | undefined
  idempotencyKey: string | undefined
}

/** What the headers of a call say of its caller; only those that came through the own sidecar. */
export function readContext(headers: IncomingHttpHeaders): OperationContext {
  const key = headers[IDEMPOTENCY_HEADER]
  return { identity: readIdentity(headers), idempotencyKey: typeof key === 'string' ? key : undefined }
}

/** @throws ServiceError `unauthenticated` for a call without a user */
export function requireIdentity(context: { identity: Identity | undefined }): Identity {
  if (!context.identity) throw new ServiceError('unauthenticated')
  return context.identity
}

/** @throws ServiceError `unauthenticated` for a call without a user, `forbidden` for other users */
export function requireOperator(context: { identity: Identity | undefined }): Identity {
  const identity = requireIdentity(context)
  if (identity.role !== 'operator') throw new ServiceError('forbidden')
  return identity
}
