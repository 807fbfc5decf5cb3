import type { CloudEvent } from '@fanone/contracts'
import { applyOnce, type Database, type EntityManager, kysely } from '@fanone/service-kit'
import { type FilterQuery, LockMode } from '@mikro-orm/core'
import { authorGrams, replaceGrams } from '../search/gram-table.ts'
import { AuthorEntity, type AuthorRow } from './author.entity.ts'

/** A row without a name: known to have published, and nothing else. */
const NAMELESS_VERSION = 0
/** A queried name has an unknown version; events come after it or are repeated. */
const ASKED_VERSION = 1

/** What an author is called, as of a version of the profile. */
interface NamedAuthor {
  authorId: number
  /** As `searchText` makes it. */
  text: string
  version: number
}

/** The names of authors, as far as videos are searched by them, and who is hidden. */
export class AuthorRepository {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Remembers that somebody publishes; a part of the transaction that does. */
  async remember(em: EntityManager, authorId: number): Promise<void> {
    await kysely<typeof AuthorEntity>(em)
      .insertInto('author')
      .values({ id: authorId, text: '', version: NAMELESS_VERSION })
      .onDuplicateKeyUpdate(({ ref }) => ({ version: ref('version') }))
      .execute()
  }

  /** Which of these are named. */
  async named(ids: number[]): Promise<Set<number>> {
    const named = { id: ids, version: { $gt: NAMELESS_VERSION } }
    return new Set(await this.#findIds(named))
  }

  nameless(limit: number): Promise<number[]> {
    return this.#findIds({ version: NAMELESS_VERSION }, limit)
  }

  /**
   * Stores a queried name, unless an event has brought one.
   *
   * @param text as `searchText` makes it
   */
  name(authorId: number, text: string): Promise<void> {
    return this.#database.transaction((em) => this.#put(em, { authorId, text, version: ASKED_VERSION }))
  }

  /** Applies what an event tells of a user. @returns false where that was done before */
  applyOnce(event: CloudEvent, author: NamedAuthor & { isHidden?: boolean }): Promise<boolean> {
    return applyOnce(this.#database, event, (em) => this.#put(em, author))
  }

  /** Ignores what is no newer than what is there. */
  async #put(em: EntityManager, author: NamedAuthor & { isHidden?: boolean }): Promise<void> {
    const { authorId, text, version } = author
    await this.remember(em, authorId)
    const row = await em.findOne(AuthorEntity, { id: authorId }, { lockMode: LockMode.PESSIMISTIC_WRITE })
    if (!row || row.version >= version) return
    const old = row.version === NAMELESS_VERSION ? undefined : row.text
    await replaceGrams(authorGrams(em, authorId), { old, new: text })
    const { isHidden = row.isHidden } = author
    const hiddenChangedAt = isHidden === row.isHidden ? row.hiddenChangedAt : new Date()
    Object.assign(row, { text, version, isHidden, hiddenChangedAt })
  }

  async #findIds(where: FilterQuery<AuthorRow>, limit?: number): Promise<number[]> {
    const order = { orderBy: { id: 'asc' }, ...(limit !== undefined && { limit }) } as const
    const rows = await this.#database
      .em()
      .find(AuthorEntity, where, { ...order, fields: ['id'], disableIdentityMap: true })
    return rows.map(({ id }) => id)
  }
}
