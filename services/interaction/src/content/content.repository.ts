import type { ContentKind, ContentRef } from '@fanone/contracts'
import type { Database, EntityManager } from '@fanone/service-kit'

/** What the service knows of a piece of content. */
export interface KnownContent {
  authorId: number
  isDeleted: boolean
}

/**
 * Known content. Comments have their own table; all other content is a projection of its owner's
 * events.
 */
export class ContentRepository {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Undefined for what nothing is known of. */
  async find({ kind, id }: ContentRef): Promise<KnownContent | undefined> {
    const [row] = await this.#database
      .em()
      .execute<{ author_id: number; deleted_at: string | null }[]>(
        kind === 'comment'
          ? 'select user_id as author_id, deleted_at from comment where id = ?'
          : 'select author_id, deleted_at from content where kind = ? and id = ?',
        kind === 'comment' ? [id] : [kind, id],
      )
    return row && { authorId: row.author_id, isDeleted: row.deleted_at !== null }
  }

  /** Adds content unless it is known, deleted or not. */
  async add(em: EntityManager, content: { kind: ContentKind; id: number; authorId: number }): Promise<void> {
    const { kind, id, authorId } = content
    await em.execute('insert ignore into content (kind, id, author_id) values (?, ?, ?)', [kind, id, authorId], 'run')
  }

  async learn(content: { kind: ContentKind; id: number; authorId: number }): Promise<void> {
    await this.add(this.#database.em(), content)
  }

  /** Marks content as deleted for good; its likes and comments are cascaded in the background. */
  async end(
    em: EntityManager,
    content: { kind: ContentKind; id: number; authorId: number; deletedAt: Date },
  ): Promise<void> {
    const { kind, id, authorId, deletedAt } = content
    await em.execute(
      `insert into content (kind, id, author_id, deleted_at) values (?, ?, ?, ?)
        on duplicate key update deleted_at = coalesce(deleted_at, values(deleted_at))`,
      [kind, id, authorId, deletedAt],
      'run',
    )
    await addToEnded(em, { kind, ids: [id] })
  }
}

/**
 * The author of existing content, locked (shared) until the transaction ends: a deletion waits, so
 * nothing can be added to deleted content.
 */
export async function holdContent(em: EntityManager, { kind, id }: ContentRef): Promise<number | undefined> {
  const [row] = await em.execute<{ author_id: number }[]>(
    kind === 'comment'
      ? 'select user_id as author_id from comment where id = ? and deleted_at is null lock in share mode'
      : 'select author_id from content where kind = ? and id = ? and deleted_at is null lock in share mode',
    kind === 'comment' ? [id] : [kind, id],
  )
  return row?.author_id
}

/** Leaves what belongs to deleted content to the `cascadeWorker`. */
export async function addToEnded(em: EntityManager, { kind, ids }: { kind: ContentKind; ids: number[] }) {
  if (ids.length === 0) return
  const values = ids.map(() => '(?, ?)').join()
  await em.execute(
    `insert ignore into ended_content (kind, id) values ${values}`,
    ids.flatMap((id) => [kind, id]),
    'run',
  )
}
