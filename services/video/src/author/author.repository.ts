import type { CloudEvent } from '@fanone/contracts'
import { applyOnce, type Database, type EntityManager } from '@fanone/service-kit'
import { replaceGrams } from '../search/gram-table.ts'

/** A row without a name: known to have published, and nothing else. */
const NAMELESS_VERSION = 0
/** What was asked for is of some version; whatever an event tells comes after it or is told again. */
const ASKED_VERSION = 1

const authorGrams = { table: 'author_gram', column: 'author_id' } as const

/** The names of authors, as far as videos are searched by them. */
export class AuthorRepository {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Remembers that somebody publishes; a part of the transaction that does. */
  async remember(em: EntityManager, authorId: number): Promise<void> {
    await em.execute(
      'insert into author (id, text, version) values (?, ?, ?) on duplicate key update version = version',
      [authorId, '', NAMELESS_VERSION],
      'run',
    )
  }

  /** Which of these are named. */
  async named(ids: number[]): Promise<Set<number>> {
    const rows = await this.#database
      .em()
      .execute<{ id: number }[]>('select id from author where id in (?) and version > 0', [ids])
    return new Set(rows.map(({ id }) => Number(id)))
  }

  async nameless(limit: number): Promise<number[]> {
    const rows = await this.#database
      .em()
      .execute<{ id: number }[]>('select id from author where version = 0 order by id limit ?', [limit])
    return rows.map(({ id }) => Number(id))
  }

  /** Stores a name that was asked for, unless an event has told of one. @param text as `searchText` makes it */
  name(authorId: number, text: string): Promise<void> {
    return this.#database.transaction((em) => this.#put(em, { authorId, text, version: ASKED_VERSION }))
  }

  /** Applies what an event tells of a user. @returns false where that was done before */
  applyOnce(event: CloudEvent, author: { authorId: number; text: string; version: number }): Promise<boolean> {
    return applyOnce(this.#database, event, (em) => this.#put(em, author))
  }

  /** Ignores what is no newer than what is there. */
  async #put(em: EntityManager, author: { authorId: number; text: string; version: number }): Promise<void> {
    const { authorId, text, version } = author
    await this.remember(em, authorId)
    const [row] = await em.execute<{ text: string; version: number }[]>(
      'select text, version from author where id = ? for update',
      [authorId],
    )
    if (!row || row.version >= version) return
    const old = row.version === NAMELESS_VERSION ? undefined : row.text
    await replaceGrams(em, authorGrams, authorId, { old, new: text })
    await em.execute('update author set text = ?, version = ? where id = ?', [text, version, authorId], 'run')
  }
}
