import { type ActorRole, type AuditAction, firstIdAt, type SessionOrigin } from '@fanone/contracts'
import {
  columnsOf,
  type Database,
  deleteInPieces,
  type EntityManager,
  type Identity,
  kysely,
} from '@fanone/service-kit'
import { AuditEventEntity, type AuditEventRow } from './audit.entity.ts'

const HOUR_MS = 60 * 60 * 1_000
/** How long acts of users are kept; those of operators and commands stay. */
const KEPT_MS = 180 * 24 * HOUR_MS
/** Failures noted in an hour for one account, so that whoever guesses does not fill the table. */
export const MAX_FAILURES_AN_HOUR = 100
const NOWHERE: SessionOrigin = { device: '', address: '' }

/** What is written down. */
export interface AuditEntry {
  /** Whose account it concerns; 0 for nobody's. */
  userId: number
  action: AuditAction
  /** The user themself unless it says otherwise. */
  actorId?: number
  actorRole?: ActorRole
  subject?: { kind: string; id: string | number }
  origin?: SessionOrigin | undefined
  reason?: string
}

/** Who acted, where that was an operator. */
export const actorOf = (operator: Pick<Identity, 'userId'>): Pick<AuditEntry, 'actorId' | 'actorRole'> => ({
  actorId: operator.userId,
  actorRole: 'operator',
})

/** Which entries are read. */
export interface AuditFilter {
  userId?: number | undefined
  actorId?: number | undefined
  actorRole?: ActorRole | undefined
  action?: AuditAction | undefined
}

/** Writes down what happens to accounts, and reads it. The only code that touches the table. */
export class AuditLog {
  readonly #database: Database
  readonly #now: () => Date

  /** @param options.now the clock */
  constructor(options: { database: Database; now?: () => Date }) {
    this.#database = options.database
    this.#now = options.now ?? (() => new Date())
  }

  /** Adds an entry in the transaction of the act; a repeat that changes nothing adds none. */
  async add(em: EntityManager, entry: AuditEntry): Promise<void> {
    const { userId, action, actorId = userId, actorRole = 'user', subject, origin = NOWHERE, reason = '' } = entry
    await kysely<typeof AuditEventEntity>(em)
      .insertInto('audit_event')
      .values({
        id: this.#database.newId(),
        user_id: userId,
        actor_id: actorId,
        actor_role: actorRole,
        action,
        subject_kind: subject?.kind ?? '',
        subject_id: String(subject?.id ?? ''),
        ...origin,
        reason,
        at: this.#now(),
      })
      .execute()
  }

  /**
   * Notes that somebody failed to sign in. For an unknown user the same is done under 0, so that
   * the time does not tell whether there is one.
   */
  async addFailure(userId: number | undefined, origin: SessionOrigin | undefined): Promise<void> {
    const em = this.#database.em()
    const action = 'sign_in_failed'
    const recent = await kysely<typeof AuditEventEntity>(em)
      .selectFrom('audit_event')
      .select('id')
      .where('user_id', '=', userId ?? 0)
      .where('id', '>', firstIdAt(this.#now().getTime() - HOUR_MS))
      .where('action', '=', action)
      .limit(MAX_FAILURES_AN_HOUR)
      .execute()
    if (recent.length < MAX_FAILURES_AN_HOUR) await this.add(em, { userId: userId ?? 0, actorId: 0, action, origin })
  }

  /** Entries, the newest first, those below an id only. */
  async list(filter: AuditFilter, page: { before?: number | undefined; limit: number }): Promise<AuditEventRow[]> {
    const { userId, actorId, actorRole, action } = filter
    let query = kysely<typeof AuditEventEntity>(this.#database.em())
      .selectFrom('audit_event')
      .select(columnsOf(AuditEventEntity))
      .where('id', '<', page.before ?? Number.MAX_SAFE_INTEGER)
      .orderBy('id', 'desc')
      .limit(page.limit)
    if (userId !== undefined) query = query.where('user_id', '=', userId)
    if (actorId !== undefined) query = query.where('actor_id', '=', actorId)
    if (actorRole !== undefined) query = query.where('actor_role', '=', actorRole)
    if (action !== undefined) query = query.where('action', '=', action)
    return (await query.execute()) as AuditEventRow[]
  }

  /** Forgets what users did long ago. */
  async deleteOld(signal: AbortSignal): Promise<void> {
    const old = kysely<typeof AuditEventEntity>(this.#database.em())
      .deleteFrom('audit_event')
      .where('actor_role', '=', 'user')
      .where('id', '<', firstIdAt(this.#now().getTime() - KEPT_MS))
    await deleteInPieces(old, signal)
  }
}
