import { randomBytes } from 'node:crypto'
import { hashFamily, hashSecret, successorOf } from './refresh-token.ts'

export const SESSION_SECONDS = 30 * 24 * 60 * 60
/** Then people log in again, however often they were here (ASVS 7.3.2). */
export const LONGEST_SESSION_MS = 365 * 24 * 60 * 60 * 1_000
/** How long the call that rotated a token may be repeated. */
export const REPLAY_MS = 60_000

/** The stored record of a log-in. It is not enough to make a token. */
export interface Session {
  userId: number
  createdAtMs: number
  /** When the current tokens were made. */
  rotatedAtMs: number
  /** How often it was refreshed. */
  generation: number
  familyHash: string
  currentHash: string
  /** The rotation that made the current tokens; null until the first one. */
  rotation: { previousHash: string; keyHash: string; nonce: string } | null
  /**
   * Ended sessions are kept, so that a concurrent refresh cannot bring them back; see `Sessions`.
   */
  isEnded: boolean
}

/**
 * Judgement of a presented refresh token. `rotate`: it is the current one. `replay`: this very call
 * rotated it a moment ago. `reuse`: the session issued it and it was used before, so somebody else
 * may have it. `refuse`: anything else; knowing a session's id must not be enough to end it.
 */
export type Verdict = 'rotate' | 'replay' | 'reuse' | 'refuse'

/**
 * @param key the idempotency key of the call; null if only the token is checked, when any repeat is
 *   accepted
 */
export function judgeToken(
  session: Session,
  presented: { secret: Buffer; key: string | null },
  nowMs: number,
): Verdict {
  if (session.isEnded || nowMs >= session.rotatedAtMs + SESSION_SECONDS * 1_000) return 'refuse'
  if (nowMs >= session.createdAtMs + LONGEST_SESSION_MS) return 'refuse'
  if (hashFamily(presented.secret) !== session.familyHash) return 'refuse'
  const hash = hashSecret(presented.secret)
  if (hash === session.currentHash) return 'rotate'
  const { rotation } = session
  if (rotation?.previousHash !== hash || nowMs > session.rotatedAtMs + REPLAY_MS) return 'reuse'
  return presented.key === null || hashSecret(presented.key) === rotation.keyHash ? 'replay' : 'reuse'
}

/** The session after its current secret was rotated by the call with this idempotency key. */
export function rotate(session: Session, presented: { secret: Buffer; key: string }, nowMs: number): Session {
  const nonce = randomBytes(32).toString('base64url')
  return {
    ...session,
    rotatedAtMs: nowMs,
    generation: session.generation + 1,
    currentHash: hashSecret(successorOf(presented.secret, nonce)),
    rotation: { previousHash: session.currentHash, keyHash: hashSecret(presented.key), nonce },
  }
}
