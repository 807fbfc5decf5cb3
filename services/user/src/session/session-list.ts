import { BlockList, isIPv6 } from 'node:net'
import type { Role, SessionOrigin } from '@fanone/contracts'
import {
  columnsOf,
  type Database,
  deleteInPieces,
  type EntityManager,
  kysely,
  ServiceError,
  sql,
} from '@fanone/service-kit'
import { LockMode } from '@mikro-orm/core'
import { AccountEntity } from '../account/account.entity.ts'
import { refuseBanned } from '../ban/ban.ts'
import { ACCESS_TOKEN_SECONDS } from './access-token.ts'
import { SessionEntity, type SessionRow } from './session.entity.ts'
import { SESSION_SECONDS } from './session.ts'

/** With one more, the session that was not used for longest ends. */
export const MAX_SESSIONS = 100
/** Longer than access tokens live, so that one made while its session ended is refused too. */
export const ENDED_SECONDS = ACCESS_TOKEN_SECONDS + 60
/** How long a session is known behind its expiry. */
const KEPT_MS = 24 * 60 * 60 * 1_000
const CHUNK = 1_000

const NOWHERE: SessionOrigin = { device: '', address: '' }

/** Where somebody stands in the list of ended sessions. */
export interface EndedPosition {
  sessionId: string
  endedAt: Date
}

/** What a session is added with. */
interface NewSession {
  openedAt: Date
  origin?: SessionOrigin | undefined
  credentialsVersion: number
  within?: Within | undefined
}

/** What else happens in the transaction of a change. */
export type Within = (em: EntityManager) => Promise<void>

/** A session and whose it is. */
export interface OwnedSession {
  sessionId: string
  userId: number
}

/**
 * The sessions of all users, in MySQL. Sessions opened by releases that had no such list are added
 * when they are refreshed or ended.
 */
export class SessionList {
  readonly #database: Database
  readonly #now: () => Date

  /** @param options.now the clock */
  constructor(options: { database: Database; now?: () => Date }) {
    this.#database = options.database
    this.#now = options.now ?? (() => new Date())
  }

  /**
   * Adds a session; adding it again changes nothing.
   *
   * @param session.credentialsVersion of the credentials that were checked: if they have changed
   *   since, their change has ended all sessions, and this one may not survive it
   * @param session.within done in the transaction, unless the session is there already: then the
   *   call is a repeat
   * @returns the role for the session's tokens
   * @throws ServiceError `wrong_credentials` for credentials that have changed since;
   *   `account_banned`
   */
  async add(session: OwnedSession & NewSession): Promise<Role | null> {
    return this.#database.transaction(async (em) => {
      const { userId, credentialsVersion } = session
      const account = await em.findOne(AccountEntity, { id: userId }, { lockMode: LockMode.PESSIMISTIC_WRITE })
      refuseBanned(account)
      if (account?.credentialsVersion !== credentialsVersion) throw new ServiceError('wrong_credentials')
      const role = account.role ?? null
      if ((await this.#find(session.sessionId, em)) !== undefined) return role
      await session.within?.(em)
      await this.#insert(em, session, null)
      await this.#endExcess(em, userId)
      return role
    })
  }

  /**
   * Notes that a session was refreshed, which prolongs it.
   *
   * @returns false if it has ended
   */
  async refreshed(session: OwnedSession & { openedAt: Date; origin?: SessionOrigin | undefined }): Promise<boolean> {
    const now = this.#now()
    const { numUpdatedRows } = await kysely<typeof SessionEntity>(this.#database.em())
      .updateTable('session')
      .set({ seen_at: now, expires_at: expiryOf(now), ...session.origin })
      .where('id', '=', session.sessionId)
      .where('ended_at', 'is', null)
      .executeTakeFirst()
    if (numUpdatedRows > 0n) return true
    await this.#insert(this.#database.em(), session, null)
    return (await this.#find(session.sessionId))?.endedAt === null
  }

  /** The role for tokens of a user's sessions. Whoever loses one loses the sessions too. */
  async roleOf(userId: number): Promise<Role | null> {
    const account = await kysely<typeof AccountEntity>(this.#database.em())
      .selectFrom('account')
      .select('role')
      .where('id', '=', userId)
      .executeTakeFirst()
    return account?.role ?? null
  }

  /** Whether a session is open; notes that it is in use. */
  async see(sessionId: string): Promise<boolean> {
    const now = this.#now()
    const session = await this.#find(sessionId)
    if (!session || session.endedAt || session.expiresAt <= now) return false
    await kysely<typeof SessionEntity>(this.#database.em())
      .updateTable('session')
      .set({ seen_at: now })
      .where('id', '=', sessionId)
      .execute()
    return true
  }

  /** A user's open sessions, the last used first. */
  open(userId: number): Promise<SessionRow[]> {
    return this.#database
      .em()
      .find(
        SessionEntity,
        { userId, endedAt: null, expiresAt: { $gt: this.#now() } },
        { orderBy: { seenAt: 'desc', id: 'desc' }, limit: MAX_SESSIONS, disableIdentityMap: true },
      )
  }

  /** Whether a user has a session, open or ended, from an address; for IPv6 from its network. */
  async hasBeenAt(userId: number, address: string): Promise<boolean> {
    const rows = await kysely<typeof SessionEntity>(this.#database.em())
      .selectFrom('session')
      .select('address')
      .where('user_id', '=', userId)
      .limit(CHUNK)
      .execute()
    return rows.some((row) => isSameNetwork(row.address, address))
  }

  /** Whether a session, open or ended, is this user's. */
  async isOf(userId: number, sessionId: string): Promise<boolean> {
    return (await this.#find(sessionId))?.userId === userId
  }

  /**
   * Ends a session; twice is harmless.
   *
   * @param within done in the transaction by the first of them
   */
  async end(session: OwnedSession, within?: Within): Promise<void> {
    const now = this.#now()
    await this.#database.transaction(async (em) => {
      const wasEnded = (await this.#find(session.sessionId, em))?.endedAt
      await this.#insert(em, { ...session, openedAt: now }, now)
      if (!wasEnded) await within?.(em)
    })
  }

  /**
   * Ends all of a user's sessions but one, if one is named, in the caller's transaction.
   *
   * @returns those that were open
   */
  async endOthers(
    em: EntityManager,
    { userId, sessionId = '' }: Pick<OwnedSession, 'userId'> & Partial<OwnedSession>,
  ): Promise<string[]> {
    const others = await kysely<typeof SessionEntity>(em)
      .selectFrom('session')
      .select('id')
      .where('user_id', '=', userId)
      .where('ended_at', 'is', null)
      .where('id', '!=', sessionId)
      .forUpdate()
      .execute()
    const ids = others.map(({ id }) => id)
    await this.#endAll(em, ids)
    return ids
  }

  /** Sessions in the order they ended, behind a position; without one all whose tokens may live. */
  async ended(after: EndedPosition | undefined): Promise<{ items: EndedPosition[]; isLast: boolean; asOf: Date }> {
    const asOf = this.#now()
    const { endedAt, sessionId } = after ?? { endedAt: secondsBefore(asOf, ENDED_SECONDS), sessionId: '' }
    const rows = await kysely<typeof SessionEntity>(this.#database.em())
      .selectFrom('session')
      .select(['id as sessionId', 'ended_at as endedAt'])
      // The first condition alone decides where the index is entered.
      .where('ended_at', '>=', endedAt)
      .where(({ or, eb }) => or([eb('ended_at', '>', endedAt), eb('id', '>', sessionId)]))
      .orderBy('ended_at')
      .orderBy('id')
      .limit(CHUNK)
      .execute()
    return { items: rows as EndedPosition[], isLast: rows.length < CHUNK, asOf }
  }

  /** Forgets what expired long ago. */
  async deleteOld(signal: AbortSignal): Promise<void> {
    const before = new Date(this.#now().getTime() - KEPT_MS)
    const old = kysely<typeof SessionEntity>(this.#database.em()).deleteFrom('session').where('expires_at', '<', before)
    await deleteInPieces(old, signal)
  }

  async #insert(
    em: EntityManager,
    session: OwnedSession & { openedAt: Date; origin?: SessionOrigin | undefined },
    endedAt: Date | null,
  ): Promise<void> {
    const { sessionId: id, userId, openedAt, origin = NOWHERE } = session
    const times = { opened_at: openedAt, seen_at: this.#now(), expires_at: expiryOf(this.#now()), ended_at: endedAt }
    await kysely<typeof SessionEntity>(em)
      .insertInto('session')
      .values({ id, user_id: userId, ...origin, ...times })
      // The first end counts, and whoever comes too late does not bring a session back.
      .onDuplicateKeyUpdate({ ended_at: sql`coalesce(ended_at, ${endedAt})` })
      .execute()
  }

  #find(sessionId: string, em = this.#database.em()): Promise<SessionRow | undefined> {
    return kysely<typeof SessionEntity>(em)
      .selectFrom('session')
      .select(columnsOf(SessionEntity))
      .where('id', '=', sessionId)
      .executeTakeFirst() as Promise<SessionRow | undefined>
  }

  async #endExcess(em: EntityManager, userId: number): Promise<void> {
    const excess = await kysely<typeof SessionEntity>(em)
      .selectFrom('session')
      .select('id')
      .where('user_id', '=', userId)
      .where('ended_at', 'is', null)
      .orderBy('seen_at', 'desc')
      .limit(CHUNK)
      .offset(MAX_SESSIONS)
      .execute()
    const ids = excess.map(({ id }) => id)
    await this.#endAll(em, ids)
  }

  async #endAll(em: EntityManager, ids: string[]): Promise<void> {
    if (ids.length === 0) return
    await kysely<typeof SessionEntity>(em)
      .updateTable('session')
      .set({ ended_at: this.#now() })
      .where('id', 'in', ids)
      .where('ended_at', 'is', null)
      .execute()
  }
}

/** An IPv6 subscriber has a /64, in which addresses change by themselves. */
function isSameNetwork(one: string, other: string): boolean {
  if (!isIPv6(one) || !isIPv6(other)) return one === other
  const network = new BlockList()
  network.addSubnet(one, 64, 'ipv6')
  return network.check(other, 'ipv6')
}

const expiryOf = (now: Date) => new Date(now.getTime() + SESSION_SECONDS * 1_000)
const secondsBefore = (time: Date, seconds: number) => new Date(time.getTime() - seconds * 1_000)
