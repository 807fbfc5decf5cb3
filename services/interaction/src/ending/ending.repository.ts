import type { ContentKind } from '@fanone/contracts'
import type { Database } from '@fanone/service-kit'
import { endComments } from '../comment/comment.repository.ts'
import { endLikes } from '../like/like.repository.ts'
import { endVisits } from '../visit/visit.repository.ts'

/** So many pieces of content are ended together. */
const CONTENTS_AT_A_TIME = 100
/** So many likes and so many comments in one transaction. */
const ROWS_AT_A_TIME = 500

/** Deleted content that still has likes and comments. */
export class EndingRepository {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Some of it, all of one kind; undefined if there is none. */
  async next(): Promise<{ kind: ContentKind; ids: number[] } | undefined> {
    const rows = await this.#database
      .em()
      .execute<{ kind: ContentKind; id: number }[]>(
        `select kind, id from ended_content order by kind, id limit ${CONTENTS_AT_A_TIME}`,
      )
    const kind = rows[0]?.kind
    return kind && { kind, ids: rows.filter((row) => row.kind === kind).map((row) => row.id) }
  }

  /**
   * Deletes some likes and comments of deleted content, with an event each, in one transaction: a
   * kill leaves none or all of it done. Deleted comments are deleted content themselves, whose
   * likes follow in turn.
   *
   * @returns whether nothing is left; then the content is forgotten
   */
  endSome(contents: { kind: ContentKind; ids: number[] }): Promise<boolean> {
    const limit = ROWS_AT_A_TIME
    return this.#database.transaction(async (em) => {
      const likes = await endLikes(this.#database, em, { ...contents, limit })
      const comments = await endComments(this.#database, em, { ...contents, limit })
      if (likes === limit || comments === limit) return false
      await endVisits(em, contents)
      await em.execute('delete from ended_content where kind = ? and id in (?)', [contents.kind, contents.ids], 'run')
      return true
    })
  }
}
