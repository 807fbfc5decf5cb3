import { z } from 'zod'
import { Cursor, Id, Instant, Limit } from './common.ts'
import { operation } from './operation.ts'

/** What was done to an account, as it is written down. Add, never rename. */
export const AuditAction = z
  .enum([
    'signed_up',
    'signed_in',
    'sign_in_failed',
    'signed_out',
    'session_ended',
    'other_sessions_ended',
    'refresh_token_reused',
    'password_changed',
    'second_factor_bound',
    'second_factor_removed',
    'recovery_codes_renewed',
    'role_granted',
    'role_revoked',
    'user_banned',
    'user_unbanned',
  ])
  .meta({ id: 'AuditAction' })
export type AuditAction = z.infer<typeof AuditAction>

/** One entry of what happened to an account, as its user sees it. */
export const SecurityEvent = z
  .object({
    id: Id,
    action: AuditAction,
    at: Instant,
    device: z.string().meta({ description: 'What the client called itself (User-Agent)' }),
    address: z.string(),
    reason: z.string().meta({ description: 'Why, where it was done by somebody else; empty otherwise' }),
  })
  .meta({ id: 'SecurityEvent' })

/** Reads what happened to accounts. */
export const securityEvents = {
  /**
   * Those of the caller's account, the newest first. Needs identity. Errors: `malformed_cursor`.
   */
  list: operation('securityEvents.list', {
    idempotency: 'safe',
    input: z.object({ cursor: Cursor.optional(), limit: Limit }),
    output: z.object({ items: z.array(SecurityEvent), nextCursor: Cursor.nullable() }),
  }),
}
