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
    'password_recovered',
    'phone_joined',
    'phone_removed',
    'second_factor_bound',
    'second_factor_removed',
    'recovery_codes_renewed',
    'passkey_added',
    'passkey_removed',
    'role_granted',
    'role_revoked',
    'user_banned',
    'user_unbanned',
    'content_removed',
    'report_decided',
  ])
  .meta({ id: 'AuditAction' })
export type AuditAction = z.infer<typeof AuditAction>

/** Who does things to accounts; `command` is whoever has a shell of the installation. */
export const ActorRole = z.enum(['user', 'operator', 'command'])
export type ActorRole = z.infer<typeof ActorRole>

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

/** One entry as operators see it. */
export const AuditEntry = SecurityEvent.extend({
  userId: Id.or(z.literal(0)).meta({
    description: 'Whose account it concerns, or whose the content was; 0 for nobody',
  }),
  actorId: Id.or(z.literal(0)).meta({ description: 'Who did it; 0 where nobody knows, and for commands' }),
  actorRole: ActorRole,
  subjectKind: z.string().meta({ description: 'What it was about where that is not the account; else empty' }),
  subjectId: z.string(),
}).meta({ id: 'AuditEntry' })

/** What operators read of the log; all conditions hold at once. */
export const AuditQuery = z.object({
  userId: Id.optional(),
  actorId: Id.optional(),
  actorRole: ActorRole.optional(),
  action: AuditAction.optional(),
})

export const auditOperations = {
  /** The newest first. Needs the identity of an operator. Errors: `malformed_cursor`. */
  list: operation('audit.list', {
    idempotency: 'safe',
    input: AuditQuery.extend({ cursor: Cursor.optional(), limit: Limit }),
    output: z.object({ items: z.array(AuditEntry), nextCursor: Cursor.nullable() }),
  }),
}
