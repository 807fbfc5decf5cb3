import { z } from 'zod'
import { Empty, Id, Instant, SessionOrigin } from './common.ts'
import { operation } from './operation.ts'
import { text } from './text.ts'

/** What an account may do beside what all may; null for nothing. */
export const Role = z.enum(['operator']).meta({ id: 'Role' })
export type Role = z.infer<typeof Role>

/** Why operators do something: part of the audit log, and of bans what the banned user is told. */
export const Reason = text({ min: 1, max: 500 }).meta({ id: 'Reason', minLength: 1, maxLength: 500 })

/** Why, since when and until when somebody is banned; null for as long as nobody lifts it. */
export const Ban = z.object({ reason: z.string(), since: Instant, until: Instant.nullable() }).meta({ id: 'Ban' })
export type Ban = z.infer<typeof Ban>

/** An account as operators see it. */
export const AccountDetails = z
  .object({
    id: Id,
    username: z.string(),
    name: z.string(),
    role: Role.nullable(),
    createdAt: Instant,
    ban: Ban.nullable(),
  })
  .meta({ id: 'AccountDetails' })
export type AccountDetails = z.infer<typeof AccountDetails>

/** From where an operator does something. */
const origin = SessionOrigin.optional()
const ofUsername = z.object({ username: z.string().min(1).max(200) })

/**
 * Who may act as an operator. For the command line only: whoever could do this over the network
 * could make themselves one.
 */
const operators = {
  /** The next tokens of the user carry the role. Errors: `user_not_found`. */
  grant: operation('operators.grant', { idempotency: 'natural', input: ofUsername, output: AccountDetails }),
  /** Ends the user's sessions, so that their tokens are refused. Errors: `user_not_found`. */
  revoke: operation('operators.revoke', { idempotency: 'natural', input: ofUsername, output: AccountDetails }),
  list: operation('operators.list', {
    idempotency: 'safe',
    input: Empty,
    output: z.object({ items: z.array(AccountDetails) }),
  }),
}

/** What operators do about accounts. All need the identity of an operator. */
const bans = {
  /** Accounts by id or by user name; those not found are left out. */
  find: operation('bans.find', {
    idempotency: 'safe',
    input: z.object({ id: Id.optional(), username: z.string().max(200).optional() }),
    output: z.object({ items: z.array(AccountDetails) }),
  }),
  /**
   * Bans a user, or changes why and until when: ends their sessions, refuses log-ins and hides what
   * is theirs. Errors: `user_not_found`; `forbidden` for operators.
   */
  put: operation('bans.put', {
    idempotency: 'natural',
    input: z.object({ userId: Id, reason: Reason, until: Instant.optional(), origin }),
    output: AccountDetails,
  }),
  /** Lifts a ban; of somebody who is not banned it changes nothing. Errors: `user_not_found`. */
  lift: operation('bans.lift', {
    idempotency: 'natural',
    input: z.object({ userId: Id, reason: Reason, origin }),
    output: AccountDetails,
  }),
}

/** The part of the user service's contract that is about operators. */
export const moderationOperations = { operators, bans }
