import { z } from 'zod'
import { Cursor, Empty, Id, Instant, Limit, SessionOrigin } from './common.ts'
import { ContentKind } from './content.ts'
import { Reason } from './moderation.ts'
import { operation } from './operation.ts'
import { text } from './text.ts'

/** What can be reported: users, and all kinds of content. */
export const ReportKind = z.enum(['user', ...ContentKind.options])
export type ReportKind = z.infer<typeof ReportKind>

/** What is reported. Whoever names it has asked its owner that it is there, and whose it is. */
export const ReportTarget = z.object({ kind: ReportKind, id: Id, authorId: Id })
export type ReportTarget = z.infer<typeof ReportTarget>

export const ReportState = z.enum(['open', 'dismissed', 'removed', 'banned'])
export type ReportState = z.infer<typeof ReportState>

/** What is wrong with it, in the reporter's words. */
export const ReportText = text({ min: 1, max: 1000 })

/** A report as its reporter sees it. */
export const Report = z
  .object({ id: Id, kind: ReportKind, targetId: Id, text: z.string(), state: ReportState, createdAt: Instant })
  .meta({ id: 'Report' })
export type Report = z.infer<typeof Report>

/** A report as operators see it. */
export const ReportDetails = Report.extend({
  reporterId: Id,
  authorId: Id.meta({ description: 'Whose it is; the user themself where a user is reported' }),
  decision: z.object({ operatorId: Id, reason: z.string(), at: Instant }).nullable(),
}).meta({ id: 'ReportDetails' })
export type ReportDetails = z.infer<typeof ReportDetails>

/** What becomes of all open reports of one thing. */
export const ReportDecision = z.enum(['dismissed', 'removed', 'banned'])
export type ReportDecision = z.infer<typeof ReportDecision>

export const reportOperations = {
  /**
   * Reports something once: while a report of the caller on it is open, that one is answered. Needs
   * identity.
   */
  create: operation('reports.create', {
    idempotency: 'natural',
    input: z.object({ target: ReportTarget, text: ReportText }),
    output: Report,
  }),
  /** The oldest first. Needs the identity of an operator. Errors: `malformed_cursor`. */
  list: operation('reports.list', {
    idempotency: 'safe',
    input: z.object({
      state: ReportState,
      kind: ReportKind.optional(),
      authorId: Id.optional(),
      cursor: Cursor.optional(),
      limit: Limit,
    }),
    output: z.object({ items: z.array(ReportDetails), nextCursor: Cursor.nullable() }),
  }),
  /**
   * Decides all open reports of the same thing: leaves it, removes it, or bans whose it is. The
   * same decision again changes nothing. Needs the identity of an operator. Errors:
   * `report_not_found`, `report_decided`, `forbidden` for a ban of an operator, `invalid_input` for
   * removing a user.
   */
  decide: operation('reports.decide', {
    idempotency: 'natural',
    input: z.object({
      id: Id,
      decision: ReportDecision,
      reason: Reason,
      until: Instant.optional(),
      origin: SessionOrigin.optional(),
    }),
    output: ReportDetails,
  }),
}

export const removalOperations = {
  /**
   * Has the owner of content delete it, and decides the open reports of it. Needs the identity of
   * an operator.
   */
  create: operation('removals.create', {
    idempotency: 'natural',
    input: z.object({
      target: z.object({ kind: ContentKind, id: Id, authorId: Id }),
      reason: Reason,
      origin: SessionOrigin.optional(),
    }),
    output: Empty,
  }),
}
