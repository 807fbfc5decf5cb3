import type { Report, ReportDetails, ReportKind, ReportState } from '@fanone/contracts'
import { columnsOf, type EntityManager, kysely } from '@fanone/service-kit'
import { LockMode } from '@mikro-orm/core'
import { ReportEntity, type ReportRow } from './report.entity.ts'

/** Which reports are read. */
export interface ReportFilter {
  state: ReportState
  kind?: ReportKind | undefined
  authorId?: number | undefined
}

/** Adds a report unless one of the same reporter on the same thing is open. */
export async function addReport(em: EntityManager, report: ReportRow): Promise<void> {
  const { targetId, authorId, reporterId, openMark, createdAt, decidedAt, operatorId, decisionReason, ...same } = report
  await kysely<typeof ReportEntity>(em)
    .insertInto('report')
    .ignore()
    .values({
      ...same,
      target_id: targetId,
      author_id: authorId,
      reporter_id: reporterId,
      open_mark: openMark ?? null,
      created_at: createdAt,
      decided_at: decidedAt ?? null,
      operator_id: operatorId,
      decision_reason: decisionReason,
    })
    .execute()
}

/** The open report of a reporter on a thing. */
export function findOpen(
  em: EntityManager,
  { kind, targetId, reporterId }: Pick<ReportRow, 'kind' | 'targetId' | 'reporterId'>,
): Promise<ReportRow | null> {
  return em.findOne(ReportEntity, { kind, targetId, reporterId, openMark: 1 }, { disableIdentityMap: true })
}

export function findReport(em: EntityManager, id: number): Promise<ReportRow | null> {
  return em.findOne(ReportEntity, { id }, { disableIdentityMap: true })
}

export function lockReport(em: EntityManager, id: number): Promise<ReportRow | null> {
  return em.findOne(ReportEntity, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE, disableIdentityMap: true })
}

/** Those behind an id, the oldest first. */
export async function findReports(
  em: EntityManager,
  filter: ReportFilter,
  page: { afterId: number; limit: number },
): Promise<ReportRow[]> {
  let query = kysely<typeof ReportEntity>(em)
    .selectFrom('report')
    .select(columnsOf(ReportEntity))
    .where('state', '=', filter.state)
    .where('id', '>', page.afterId)
    .orderBy('id')
    .limit(page.limit)
  if (filter.kind !== undefined) query = query.where('kind', '=', filter.kind)
  if (filter.authorId !== undefined) query = query.where('author_id', '=', filter.authorId)
  return (await query.execute()) as ReportRow[]
}

/** Decides all open reports of a thing. */
export async function decideReports(
  em: EntityManager,
  target: Pick<ReportRow, 'kind' | 'targetId'>,
  decision: Pick<ReportRow, 'operatorId' | 'decisionReason'> & { state: ReportState; decidedAt: Date },
): Promise<void> {
  const { state, operatorId, decisionReason, decidedAt } = decision
  await kysely<typeof ReportEntity>(em)
    .updateTable('report')
    .set({ state, open_mark: null, operator_id: operatorId, decision_reason: decisionReason, decided_at: decidedAt })
    .where('kind', '=', target.kind)
    .where('target_id', '=', target.targetId)
    .where('state', '=', 'open')
    .execute()
}

export function toReport({ id, kind, targetId, text, state, createdAt }: ReportRow): Report {
  return { id, kind, targetId, text, state, createdAt: createdAt.toISOString() }
}

export function toReportDetails(row: ReportRow): ReportDetails {
  const { reporterId, authorId, operatorId, decisionReason: reason, decidedAt } = row
  const decision = decidedAt ? { operatorId, reason, at: decidedAt.toISOString() } : null
  return { ...toReport(row), reporterId, authorId, decision }
}
