import type { ContentKind, ContentRef } from '@fanone/contracts'
import {
  type Database,
  type Db,
  type EntityManager,
  isShown,
  kysely,
  type Param,
  prepare,
  sql,
} from '@fanone/service-kit'
import type { EndedContentEntity } from '../cascade/cascade.entity.ts'
import type { CommentEntity } from '../comment/comment.entity.ts'
import type { ContentEntity } from './content.entity.ts'

/** What the service knows of a piece of content. */
export interface KnownContent {
  authorId: number
  /** Deleted, or of somebody who is hidden. */
  isGone: boolean
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
    const em = this.#database.em()
    const { rows } = await (kind === 'comment' ? findComment(em, { id }) : findContent(em, { kind, id }))
    return rows.map(({ authorId, isThere }) => ({ authorId, isGone: isThere === 0 }))[0]
  }

  /** Adds content unless it is known, deleted or not. */
  async add(em: EntityManager, content: { kind: ContentKind; id: number; authorId: number }): Promise<void> {
    const { kind, id, authorId } = content
    const row = { kind, id, author_id: authorId }
    await kysely<typeof ContentEntity>(em).insertInto('content').ignore().values(row).execute()
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
    await kysely<typeof ContentEntity>(em)
      .insertInto('content')
      .values({ kind, id, author_id: authorId, deleted_at: deletedAt })
      .onDuplicateKeyUpdate(({ fn, val }) => ({ deleted_at: fn.coalesce('deleted_at', val(deletedAt)) }))
      .execute()
    await addToEnded(em, { kind, ids: [id] })
  }
}

/**
 * The authors of existing contents, locked (shared) until the transaction ends: a deletion waits,
 * so nothing can be added to deleted content. Locks are taken in the order of kinds and ids.
 *
 * @returns tells the author of one of them; undefined for what is not there
 */
export async function holdContents(
  em: EntityManager,
  targets: readonly ContentRef[],
): Promise<(target: ContentRef) => number | undefined> {
  const authors = new Map<string, number>()
  const byKind = Map.groupBy(targets, ({ kind }) => kind)
  for (const kind of [...byKind.keys()].toSorted()) {
    const ids = [...new Set(byKind.get(kind)?.map(({ id }) => id))].toSorted((one, other) => one - other)
    const { rows } = kind === 'comment' ? await holdCommentAuthors(em, { ids }) : await holdAuthors(em, { kind, ids })
    for (const { id, authorId } of rows) authors.set(`${kind} ${id}`, authorId)
  }
  return ({ kind, id }) => authors.get(`${kind} ${id}`)
}

/** The same of one content. */
export async function holdContent(em: EntityManager, target: ContentRef): Promise<number | undefined> {
  return (await holdContents(em, [target]))(target)
}

/** MariaDB has no `for share`. */
const shared = sql`lock in share mode`

const holdAuthors = prepare((db: Db<typeof ContentEntity>, param: Param<{ kind: ContentKind; ids: number[] }>) =>
  db
    .selectFrom('content')
    .select(['id', 'author_id as authorId'])
    .where(
      'kind',
      '=',
      param(({ kind }) => kind),
    )
    .where(
      'id',
      'in',
      param(({ ids }) => ids),
    )
    .where('deleted_at', 'is', null)
    .orderBy('id')
    .modifyEnd(shared),
)

const holdCommentAuthors = prepare((db: Db<typeof CommentEntity>, param: Param<{ ids: number[] }>) =>
  db
    .selectFrom('comment')
    .select(['id', 'user_id as authorId'])
    .where(
      'id',
      'in',
      param(({ ids }) => ids),
    )
    .where('deleted_at', 'is', null)
    .orderBy('id')
    .modifyEnd(shared),
)

/** Leaves what belongs to deleted content to the `cascadeWorker`. */
export async function addToEnded(em: EntityManager, { kind, ids }: { kind: ContentKind; ids: number[] }) {
  if (ids.length === 0) return
  const rows = ids.map((id) => ({ kind, id }))
  await kysely<typeof EndedContentEntity>(em).insertInto('ended_content').ignore().values(rows).execute()
}

const findComment = prepare((db: Db<typeof CommentEntity>, param: Param<{ id: number }>) =>
  db
    .selectFrom('comment')
    .select('user_id as authorId')
    .select(({ and, eb, ref }) =>
      and([eb('deleted_at', 'is', null), isShown(ref('comment.user_id'))])
        .$castTo<number>()
        .as('isThere'),
    )
    .where(
      'id',
      '=',
      param(({ id }) => id),
    ),
)

const findContent = prepare((db: Db<typeof ContentEntity>, param: Param<ContentRef>) =>
  db
    .selectFrom('content')
    .select('author_id as authorId')
    .select(({ and, eb, ref }) =>
      and([eb('deleted_at', 'is', null), isShown(ref('content.author_id'))])
        .$castTo<number>()
        .as('isThere'),
    )
    .where(
      'kind',
      '=',
      param(({ kind }) => kind),
    )
    .where(
      'id',
      '=',
      param(({ id }) => id),
    ),
)
