import { createHash, createHmac } from 'node:crypto'
import type { SigningKeys } from '../key/signing-key.ts'

/** Marks a token as one this session gave out, whichever of them. */
const FAMILY_BYTES = 16
/** Changes with every rotation. */
const MEMBER_BYTES = 32
export const REFRESH_SECRET_BYTES = FAMILY_BYTES + MEMBER_BYTES

export interface RefreshToken {
  sessionId: string
  /** Family mark and member, `REFRESH_SECRET_BYTES` long. */
  secret: Buffer
}

const FORM = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([A-Za-z0-9_-]{64})$/

/**
 * The first secret of a session. It follows from the session's id, so that a repeated call can be
 * answered like the first.
 */
export function firstSecret(signingKeys: Pick<SigningKeys, 'derive'>, sessionId: string): Buffer {
  return signingKeys.derive(`refresh token of session ${sessionId}`, REFRESH_SECRET_BYTES)
}

/** `<session id>.<secret in base64url>` */
export function formatRefreshToken(token: RefreshToken): string {
  return `${token.sessionId}.${token.secret.toString('base64url')}`
}

/** @returns undefined where the text cannot be a refresh token */
export function parseRefreshToken(text: string): RefreshToken | undefined {
  const [, sessionId, secret] = FORM.exec(text) ?? []
  if (!sessionId || !secret) return undefined
  return { sessionId, secret: Buffer.from(secret, 'base64url') }
}

/** Stored instead of a secret. A fast hash is enough, because nobody guesses 256 random bits. */
export function hashSecret(secret: Buffer | string): string {
  return createHash('sha256').update(secret).digest('base64url')
}

/** Stored to recognise the family of a token. */
export function hashFamily(secret: Buffer): string {
  return hashSecret(secret.subarray(0, FAMILY_BYTES))
}

/**
 * The next secret: the same family, and an HMAC of a stored nonce under the presented secret. A
 * thief of an old token lacks the nonce, a thief of the state store lacks the token.
 */
export function successorOf(secret: Buffer, nonce: string): Buffer {
  const member = createHmac('sha256', secret).update(nonce).digest()
  return Buffer.concat([secret.subarray(0, FAMILY_BYTES), member])
}
