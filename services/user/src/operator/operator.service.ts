import type { AccountDetails, Role } from '@fanone/contracts'
import { type Database, type EntityManager, ServiceError } from '@fanone/service-kit'
import { findAccounts } from '../account/account.details.ts'
import { lockAccount } from '../account/account.repository.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { SessionList } from '../session/session-list.ts'
import type { Sessions } from '../session/sessions.ts'

/** Says who is an operator. Only commands of the installation reach it. */
export class OperatorService {
  readonly #database: Database
  readonly #list: Pick<SessionList, 'endOthers'>
  readonly #sessions: Pick<Sessions, 'markEnded'>
  readonly #audit: Pick<AuditLog, 'add'>

  constructor(options: {
    database: Database
    list: Pick<SessionList, 'endOthers'>
    sessions: Pick<Sessions, 'markEnded'>
    audit: Pick<AuditLog, 'add'>
  }) {
    this.#database = options.database
    this.#list = options.list
    this.#sessions = options.sessions
    this.#audit = options.audit
  }

  list(): Promise<AccountDetails[]> {
    return findAccounts(this.#database.em(), { role: 'operator' })
  }

  /**
   * Makes a user an operator, from their next log-in or refresh on.
   *
   * @throws ServiceError `user_not_found`; `account_banned`
   */
  grant(username: string): Promise<AccountDetails> {
    return this.#set(username, 'operator')
  }

  /**
   * Takes the role away and ends the user's sessions: their tokens are refused like those of all
   * ended sessions.
   *
   * @throws ServiceError `user_not_found`
   */
  revoke(username: string): Promise<AccountDetails> {
    return this.#set(username, null)
  }

  async #set(username: string, role: Role | null): Promise<AccountDetails> {
    const [found] = await findAccounts(this.#database.em(), { username })
    if (!found) throw new ServiceError('user_not_found')
    if (role && found.ban) throw new ServiceError('account_banned')
    const ended = await this.#database.transaction((em) => this.#change(em, found.id, role))
    await this.#sessions.markEnded(ended)
    return { ...found, role }
  }

  /** @returns the sessions that it ended */
  async #change(em: EntityManager, userId: number, role: Role | null): Promise<string[]> {
    const account = await lockAccount(em, userId)
    if (!account || (account.role ?? null) === role) return []
    account.role = role
    const action = role ? 'role_granted' : 'role_revoked'
    const subject = { kind: 'role', id: 'operator' }
    await this.#audit.add(em, { userId, actorId: 0, actorRole: 'command', action, subject })
    return role ? [] : this.#list.endOthers(em, { userId })
  }
}
