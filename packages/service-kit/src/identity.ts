import type { IncomingHttpHeaders } from 'node:http'
import { ServiceError } from './errors.ts'

/** Who a call is made for. Set by the gateway from a verified token; a service believes it because only its sidecar reaches it. */
export interface Identity {
  userId: number
  /** The log-in this token came from. */
  sessionId: string
}

const USER_HEADER = 'fanone-user-id'
const SESSION_HEADER = 'fanone-session-id'
/** Lets the server recognise a call that Dapr delivered twice. */
export const IDEMPOTENCY_HEADER = 'fanone-idempotency-key'

export function identityHeaders(identity: Identity | undefined): Record<string, string> {
  if (!identity) return {}
  return { [USER_HEADER]: String(identity.userId), [SESSION_HEADER]: identity.sessionId }
}

export function readIdentity(headers: IncomingHttpHeaders): Identity | undefined {
  const userId = Number(headers[USER_HEADER])
  const sessionId = headers[SESSION_HEADER]
  if (!Number.isSafeInteger(userId) || userId <= 0 || typeof sessionId !== 'string') return undefined
  return { userId, sessionId }
}

/** What an operation knows about the call it answers. */
export interface OperationContext {
  identity: Identity | undefined
  idempotencyKey: string | undefined
}

/** @throws ServiceError `unauthenticated` where the call is made for nobody */
export function requireIdentity(context: { identity: Identity | undefined }): Identity {
  if (!context.identity) throw new ServiceError('unauthenticated')
  return context.identity
}
