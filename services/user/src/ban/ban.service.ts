import type { AccountDetails, SessionOrigin } from '@fanone/contracts'
import { type Database, type EntityManager, type Identity, ServiceError } from '@fanone/service-kit'
import { findAccounts, toDetails } from '../account/account.details.ts'
import type { AccountRow } from '../account/account.entity.ts'
import { findEndedBans, lockAccount } from '../account/account.repository.ts'
import { type AuditEntry, type AuditLog, actorOf } from '../audit/audit-log.ts'
import type { ProfileRow } from '../profile/profile.entity.ts'
import type { ProfileService } from '../profile/profile.service.ts'
import type { SessionList } from '../session/session-list.ts'
import type { Sessions } from '../session/sessions.ts'

/** Bans that are over and are lifted in one run. */
const LIFTED_AT_A_TIME = 100

/** Why an operator does something, and from where. */
interface Act {
  reason: string
  origin?: SessionOrigin | undefined
}

/**
 * Bans users and lifts bans. A ban, the end of the user's sessions, their absence from all pages
 * and its entry in the audit log are one transaction: what other services and the caches show
 * follows by the event `user.updated`, after a crash too.
 */
export class BanService {
  readonly #database: Database
  readonly #profiles: ProfileService
  readonly #list: Pick<SessionList, 'endOthers'>
  readonly #sessions: Pick<Sessions, 'markEnded'>
  readonly #audit: Pick<AuditLog, 'add'>

  constructor(options: {
    database: Database
    profiles: ProfileService
    list: Pick<SessionList, 'endOthers'>
    sessions: Pick<Sessions, 'markEnded'>
    audit: Pick<AuditLog, 'add'>
  }) {
    this.#database = options.database
    this.#profiles = options.profiles
    this.#list = options.list
    this.#sessions = options.sessions
    this.#audit = options.audit
  }

  /** Accounts by id or by user name. */
  find(query: { id?: number | undefined; username?: string | undefined }): Promise<AccountDetails[]> {
    return findAccounts(this.#database.em(), query)
  }

  /**
   * Bans a user; the same ban again changes nothing.
   *
   * @param act.until when the ban ends by itself
   * @throws ServiceError `user_not_found`; `forbidden` for operators, whose role goes first
   */
  async ban(operator: Identity, userId: number, act: Act & { until?: string | undefined }): Promise<AccountDetails> {
    const bannedUntil = act.until === undefined ? null : new Date(act.until)
    const { account, profile, ended } = await this.#database.transaction(async (em) => {
      const account = await requireAccount(em, userId)
      if (account.role) throw new ServiceError('forbidden', { detail: 'Operators cannot be banned' })
      const isSame = account.banReason === act.reason && account.bannedUntil?.getTime() === bannedUntil?.getTime()
      if (!account.bannedAt || !isSame) await this.#note(em, operator, { userId, action: 'user_banned', ...act })
      const bannedAt = account.bannedAt ?? new Date()
      // A log-in that has compared its password already is refused by the new version.
      const credentialsVersion = account.credentialsVersion + (account.bannedAt ? 0 : 1)
      Object.assign(account, { bannedAt, bannedUntil, banReason: act.reason, credentialsVersion })
      const profile = await this.#profiles.setHidden(em, userId, true)
      return { account, profile, ended: await this.#list.endOthers(em, { userId }) }
    })
    await this.#profiles.show(profile)
    await this.#sessions.markEnded(ended)
    return toDetails({ account, profile })
  }

  /** Lifts a ban; without one nothing changes. @throws ServiceError `user_not_found` */
  async lift(operator: Identity, userId: number, act: Act): Promise<AccountDetails> {
    const note = (em: EntityManager) => this.#note(em, operator, { userId, action: 'user_unbanned', ...act })
    return toDetails(await this.#lift(userId, note))
  }

  /** Lifts bans whose time is over. */
  async liftEnded(signal: AbortSignal): Promise<void> {
    const now = new Date()
    const ids = await findEndedBans(this.#database.em(), { now, limit: LIFTED_AT_A_TIME })
    for (const userId of ids) {
      if (signal.aborted) return
      const entry = { userId, actorId: 0, actorRole: 'command', action: 'user_unbanned' } as const
      const note = (em: EntityManager) => this.#audit.add(em, { ...entry, reason: 'The time of the ban is over' })
      await this.#lift(userId, note, now)
    }
  }

  /** @param endedBefore where given, a ban that lasts longer stays: somebody may have changed it */
  async #lift(
    userId: number,
    note: (em: EntityManager) => Promise<void>,
    endedBefore?: Date,
  ): Promise<{ account: AccountRow; profile: ProfileRow }> {
    const lifted = await this.#database.transaction(async (em) => {
      const account = await requireAccount(em, userId)
      const { bannedAt, bannedUntil } = account
      const isOver = endedBefore === undefined || (bannedUntil && bannedUntil <= endedBefore)
      if (bannedAt && isOver) {
        Object.assign(account, { bannedAt: null, bannedUntil: null, banReason: null })
        await note(em)
      }
      return { account, profile: await this.#profiles.setHidden(em, userId, account.bannedAt !== null) }
    })
    await this.#profiles.show(lifted.profile)
    return lifted
  }

  #note(
    em: EntityManager,
    operator: Identity,
    { reason, origin, ...entry }: Pick<AuditEntry, 'userId' | 'action'> & Act & { until?: string | undefined },
  ): Promise<void> {
    const { until, userId, action } = entry
    const why = until ? `${reason} (until ${until})`.slice(0, 500) : reason
    return this.#audit.add(em, { userId, action, ...actorOf(operator), origin, reason: why })
  }
}

async function requireAccount(em: EntityManager, id: number): Promise<AccountRow> {
  const account = await lockAccount(em, id)
  if (!account) throw new ServiceError('user_not_found')
  return account
}
