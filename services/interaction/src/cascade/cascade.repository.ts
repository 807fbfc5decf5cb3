import type { ContentKind } from '@fanone/contracts'
import { type Database, kysely } from '@fanone/service-kit'
import { deleteCommentsOf } from '../comment/comment.repository.ts'
import { deleteLikesOf } from '../like/like.repository.ts'
import { deleteVisitsOf } from '../visit/visit.repository.ts'
import { EndedContentEntity } from './cascade.entity.ts'

/** Contents handled together. */
const CONTENTS_AT_A_TIME = 100
/** Likes, and also comments, in one transaction. */
const ROWS_AT_A_TIME = 500

/** Deleted content that still has likes and comments. */
export class CascadeRepository {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Some of it, all of one kind; undefined if there is none. */
  async next(): Promise<{ kind: ContentKind; ids: number[] } | undefined> {
    const rows = await kysely<typeof EndedContentEntity>(this.#database.em())
      .selectFrom('ended_content')
      .select(['kind', 'id'])
      .orderBy('kind')
      .orderBy('id')
      .limit(CONTENTS_AT_A_TIME)
      .execute()
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
  deleteSome(contents: { kind: ContentKind; ids: number[] }): Promise<boolean> {
    const limit = ROWS_AT_A_TIME
    return this.#database.transaction(async (em) => {
      const likes = await deleteLikesOf(this.#database, em, { ...contents, limit })
      const comments = await deleteCommentsOf(this.#database, em, { ...contents, limit })
      if (likes === limit || comments === limit) return false
      await deleteVisitsOf(em, contents)
      await em.nativeDelete(EndedContentEntity, { kind: contents.kind, id: contents.ids })
      return true
    })
  }
}
