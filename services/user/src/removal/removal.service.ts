import { type ContentKind, contentRemoved, type SessionOrigin } from '@fanone/contracts'
import { addToOutbox, type Database, type EntityManager, type Identity, kysely } from '@fanone/service-kit'
import { type AuditLog, actorOf } from '../audit/audit-log.ts'
import type { RemovedContentEntity } from '../report/report.entity.ts'
import { decideReports } from '../report/report.repository.ts'

interface Removal {
  target: { kind: ContentKind; id: number; authorId: number }
  reason: string
  origin?: SessionOrigin | undefined
}

/**
 * Has content removed by the service that owns it, which hears of it by an event: so the decision
 * and its entry in the audit log are one transaction, and its effect follows after any crash.
 */
export class RemovalService {
  readonly #database: Database
  readonly #audit: Pick<AuditLog, 'add'>

  constructor(options: { database: Database; audit: Pick<AuditLog, 'add'> }) {
    this.#database = options.database
    this.#audit = options.audit
  }

  /** Removes content and decides the open reports of it. */
  remove(operator: Identity, removal: Removal): Promise<void> {
    return this.#database.transaction(async (em) => {
      await this.removeIn(em, operator, removal)
      const { kind, id: targetId } = removal.target
      const decided = { operatorId: operator.userId, decisionReason: removal.reason, decidedAt: new Date() }
      await decideReports(em, { kind, targetId }, { ...decided, state: 'removed' })
    })
  }

  /** Removes content in the caller's transaction; what was removed before is left alone. */
  async removeIn(em: EntityManager, operator: Identity, { target, reason, origin }: Removal): Promise<void> {
    const { kind, id, authorId } = target
    const at = new Date()
    const { numInsertedOrUpdatedRows } = await kysely<typeof RemovedContentEntity>(em)
      .insertInto('removed_content')
      .ignore()
      .values({ kind, id, removed_at: at })
      .executeTakeFirst()
    if (numInsertedOrUpdatedRows === 0n) return
    await this.#audit.add(em, {
      ...{ userId: authorId, action: 'content_removed', ...actorOf(operator), origin, reason },
      subject: { kind, id },
    })
    addToOutbox(this.#database, em, contentRemoved, { kind, contentId: id, authorId, at: at.toISOString() })
  }
}
