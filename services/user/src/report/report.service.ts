import type { ReportDecision, ReportTarget, SessionOrigin } from '@fanone/contracts'
import { type Database, type EntityManager, type Identity, idCursor, page, ServiceError } from '@fanone/service-kit'
import { type AuditLog, actorOf } from '../audit/audit-log.ts'
import type { BanService } from '../ban/ban.service.ts'
import type { RemovalService } from '../removal/removal.service.ts'
import type { ReportRow } from './report.entity.ts'
import {
  addReport,
  decideReports,
  findOpen,
  findReport,
  findReports,
  lockReport,
  type ReportFilter,
  toReport,
  toReportDetails,
} from './report.repository.ts'

const cursors = idCursor('reports')

interface Decision {
  id: number
  decision: ReportDecision
  reason: string
  until?: string | undefined
  origin?: SessionOrigin | undefined
}

/** What users report, and what operators decide about it. */
export class ReportService {
  readonly #database: Database
  readonly #bans: Pick<BanService, 'ban'>
  readonly #removals: Pick<RemovalService, 'removeIn'>
  readonly #audit: Pick<AuditLog, 'add'>

  constructor(options: {
    database: Database
    bans: Pick<BanService, 'ban'>
    removals: Pick<RemovalService, 'removeIn'>
    audit: Pick<AuditLog, 'add'>
  }) {
    this.#database = options.database
    this.#bans = options.bans
    this.#removals = options.removals
    this.#audit = options.audit
  }

  /** Reports something, or answers the report of it that is open. */
  create({ userId: reporterId }: Identity, { target, text }: { target: ReportTarget; text: string }) {
    const { kind, id: targetId, authorId } = target
    return this.#database.transaction(async (em) => {
      const undecided = { state: 'open', openMark: 1, decidedAt: null, operatorId: 0, decisionReason: '' } as const
      const named = { id: this.#database.newId(), kind, targetId, authorId, reporterId, text }
      await addReport(em, { ...named, ...undecided, createdAt: new Date() })
      const open = await findOpen(em, { kind, targetId, reporterId })
      // Decided between the two statements: it is reported, and it was heard.
      if (!open) throw new ServiceError('unavailable', { retryAfterSeconds: 1 })
      return toReport(open)
    })
  }

  /** The oldest first. @throws ServiceError `malformed_cursor` */
  async list({ cursor, limit, ...filter }: ReportFilter & { cursor?: string | undefined; limit: number }) {
    const afterId = cursor === undefined ? 0 : cursors.decode(cursor)
    const fetch = (most: number) => findReports(this.#database.em(), filter, { afterId, limit: most })
    const { items, nextCursor } = await page(limit, fetch, ({ id }) => cursors.encode(id))
    return { items: items.map(toReportDetails), nextCursor }
  }

  /**
   * Decides all open reports of one thing. A ban comes first, in a transaction of its own: where a
   * crash follows, the reports are open still, and deciding again bans nobody twice.
   *
   * @throws ServiceError `report_not_found`, `report_decided`, `forbidden`, `invalid_input`
   */
  async decide(operator: Identity, decision: Decision) {
    if (decision.decision === 'banned') {
      const { authorId, state } = requireUndecided(await findReport(this.#database.em(), decision.id), decision)
      if (state === 'open') await this.#bans.ban(operator, authorId, decision)
    }
    return this.#database.transaction(async (em) => {
      const report = requireUndecided(await lockReport(em, decision.id), decision)
      if (report.state === 'open') await this.#decide(em, operator, { ...decision, report })
      const decided = await lockReport(em, decision.id)
      return toReportDetails(decided ?? report)
    })
  }

  async #decide(em: EntityManager, operator: Identity, { report, ...act }: Decision & { report: ReportRow }) {
    const { decision: state, reason, origin } = act
    const { kind, targetId, authorId } = report
    if (state === 'removed') {
      if (kind === 'user') throw new ServiceError('invalid_input', { detail: 'Users are banned, not removed' })
      await this.#removals.removeIn(em, operator, { target: { kind, id: targetId, authorId }, reason, origin })
    }
    const of = { operatorId: operator.userId, decisionReason: reason }
    await decideReports(em, report, { ...of, state, decidedAt: new Date() })
    const subject = { kind: 'report', id: report.id }
    const why = `${state}: ${reason}`.slice(0, 500)
    // Of nobody's account: whoever was reported reads only what followed from it.
    await this.#audit.add(em, {
      userId: 0,
      action: 'report_decided',
      ...actorOf(operator),
      subject,
      origin,
      reason: why,
    })
  }
}

/** @throws ServiceError `report_not_found`; `report_decided` for one that was decided otherwise */
function requireUndecided(report: ReportRow | null, { decision }: Decision): ReportRow {
  if (!report) throw new ServiceError('report_not_found')
  if (report.state !== 'open' && report.state !== decision) throw new ServiceError('report_decided')
  return report
}
