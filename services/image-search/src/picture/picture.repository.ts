import type { ImageKind } from '@fanone/contracts'
import { type Database, type EntityManager, kysely, sql } from '@fanone/service-kit'
import type { ContentEntity, ContentKind } from '../content/content.entity.ts'
import type { PictureEntity } from './picture.entity.ts'

/** Longer than Milvus may take to store a vector. */
const TAKEN_MS = 30_000
const FIRST_PAUSE_MS = 2_000
/** A file may come after the event, or be away for a while. */
const MAX_ATTEMPTS = 6

/** By the server's clock, which all instances share. */
const now = sql<Date>`utc_timestamp(3)`
const after = (ms: number) => sql<Date>`utc_timestamp(3) + interval ${ms * 1_000} microsecond`
/** A time that the server told as text. */
const exactly = (time: string) => sql<Date>`cast(${time} as datetime(3))`

/** A picture that content should have. */
export interface WantedPicture {
  kind: ImageKind
  fileKey: string
  timeMs: number
}

/** A picture that waits to be put into a collection. */
export interface WaitingPicture extends WantedPicture {
  id: number
  ownerId: number
}

/** A picture as it is answered. */
export interface LivePicture extends Pick<WantedPicture, 'kind' | 'timeMs'> {
  id: number
  contentId: number
  /** What to show. */
  pictureKey: string
}

/** Pictures whose vectors somebody is about to store. */
export interface Taken {
  /** Text of a `datetime(3)`: how long the rows stay in any case. */
  until: string
  /** Those that are still wanted. */
  wanted: Set<number>
  /** Those that nobody else had taken. */
  free: number[]
}

/** The pictures that are to be found, in MySQL; what Milvus holds follows from this table. */
export class PictureRepository {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Gives content these pictures and no others, within the transaction that has its row. */
  async setOf(
    em: EntityManager,
    content: { kind: ContentKind; id: number; ownerId: number },
    wanted: readonly WantedPicture[],
  ): Promise<void> {
    const present = await pictures(em)
      .selectFrom('picture')
      .select(['id', 'kind', 'file_key as fileKey', 'time_ms as timeMs'])
      .where('content_kind', '=', content.kind)
      .where('content_id', '=', content.id)
      .where('removed_at', 'is', null)
      .execute()
    const [had, wants] = [new Set(present.map(nameOf)), new Set(wanted.map(nameOf))]
    const surplus = present.filter((one) => !wants.has(nameOf(one))).map(({ id }) => id)
    if (surplus.length > 0) await ofIds(em, surplus).set({ removed_at: now }).execute()
    const missing = wanted.filter((one) => !had.has(nameOf(one)))
    if (missing.length === 0) return
    const common = {
      ...{ content_kind: content.kind, content_id: content.id, owner_id: content.ownerId, hash: '' },
      ...{ even_slot: 0, odd_slot: 0, is_unreadable: 0, attempts: 0, due_at: now, taken_until: now },
    }
    const rows = missing.map(({ kind, fileKey, timeMs }) => ({
      ...{ id: this.#database.newId(), kind, file_key: fileKey, time_ms: timeMs },
      ...common,
    }))
    await pictures(em).insertInto('picture').values(rows).execute()
  }

  /** The oldest that are not in a collection yet. */
  waiting(collection: number, kinds: readonly ImageKind[], limit: number): Promise<WaitingPicture[]> {
    return this.#pictures
      .selectFrom('picture')
      .select(['id', 'kind', 'owner_id as ownerId', 'file_key as fileKey', 'time_ms as timeMs'])
      .where(slotOf(collection), '<>', collection)
      .where('removed_at', 'is', null)
      .where('kind', 'in', [...kinds])
      .where('due_at', '<=', now)
      .orderBy('id')
      .limit(limit)
      .execute()
  }

  /** How many are not in a collection yet, whenever they may be tried. */
  async countWaiting(collection: number, kinds: readonly ImageKind[]): Promise<number> {
    const row = await this.#pictures
      .selectFrom('picture')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where(slotOf(collection), '<>', collection)
      .where('removed_at', 'is', null)
      .where('kind', 'in', [...kinds])
      .executeTakeFirst()
    return Number(row?.count ?? 0)
  }

  /** How many there are, and how many of them nobody could read. */
  async count(): Promise<{ pictures: number; unreadable: number }> {
    const row = await this.#pictures
      .selectFrom('picture')
      .select(({ fn }) => [fn.countAll<number>().as('pictures'), fn.sum<number>('is_unreadable').as('unreadable')])
      .where('removed_at', 'is', null)
      .executeTakeFirst()
    return { pictures: Number(row?.pictures ?? 0), unreadable: Number(row?.unreadable ?? 0) }
  }

  /** Announces that vectors of these are about to be stored, so that the rows outlive that. */
  async take(ids: readonly number[]): Promise<Taken> {
    if (ids.length === 0) return { until: '', wanted: new Set(), free: [] }
    return this.#database.transaction(async (em) => {
      const rows = await pictures(em)
        .selectFrom('picture')
        .select('id')
        .select(sql<number>`taken_until <= utc_timestamp(3)`.as('isFree'))
        .select(sql<string>`cast(${after(TAKEN_MS)} as char)`.as('until'))
        .where('id', 'in', [...ids])
        .where('removed_at', 'is', null)
        .forUpdate()
        .execute()
      const until = rows[0]?.until ?? ''
      const wanted = rows.map(({ id }) => id)
      if (rows.length > 0)
        await ofIds(em, wanted)
          .set({ taken_until: exactly(until) })
          .execute()
      return {
        until,
        wanted: new Set(wanted),
        free: rows.filter(({ isFree }) => Number(isFree) === 1).map(({ id }) => id),
      }
    })
  }

  /** Announces that they are stored: what is removed now needs not wait. */
  async release({ until, free }: Taken): Promise<void> {
    if (free.length === 0) return
    // Who has taken one since, or had it before, may still be storing its vector.
    await ofIds(this.#database.em(), free).where('taken_until', '=', exactly(until)).set({ taken_until: now }).execute()
  }

  /** Notes that pictures are in a collection. */
  async markIndexed(collection: number, indexed: readonly { id: number; hash: string }[]): Promise<void> {
    for (const { id, hash } of indexed)
      await this.#live([id])
        .set({ [slotOf(collection)]: collection, hash, is_unreadable: 0, attempts: 0 })
        .execute()
  }

  /** Has a picture that could not be read tried again after a pause, a few times. */
  async postpone(collection: number, id: number): Promise<void> {
    const row = await this.#pictures.selectFrom('picture').select('attempts').where('id', '=', id).executeTakeFirst()
    const attempts = (row?.attempts ?? 0) + 1
    const isLast = attempts >= MAX_ATTEMPTS
    await this.#live([id])
      .set({
        attempts: isLast ? 0 : attempts,
        due_at: after(isLast ? 0 : FIRST_PAUSE_MS * 2 ** (attempts - 1)),
        ...(isLast && { [slotOf(collection)]: collection, is_unreadable: 1 }),
      })
      .execute()
  }

  /** Pictures that have the content of one of these hashes and are in a collection, by hash. */
  async twins(collection: number, hashes: readonly string[]): Promise<Map<string, number>> {
    const rows = await this.#pictures
      .selectFrom('picture')
      .select(['id', 'hash'])
      .where('hash', 'in', [...hashes])
      .where(slotOf(collection), '=', collection)
      .where('is_unreadable', '=', 0)
      .where('removed_at', 'is', null)
      .execute()
    return new Map(rows.map(({ id, hash }) => [hash, id]))
  }

  /** Pictures that are gone, whose vectors may still be there. */
  async removed(limit: number): Promise<number[]> {
    const rows = await this.#pictures
      .selectFrom('picture')
      .select('id')
      .where('removed_at', 'is not', null)
      .orderBy('removed_at')
      .limit(limit)
      .execute()
    return rows.map(({ id }) => id)
  }

  /** Forgets pictures whose vectors are gone, unless somebody may be storing one just now. */
  async forget(ids: readonly number[]): Promise<void> {
    await this.#pictures
      .deleteFrom('picture')
      .where('id', 'in', [...ids])
      .where('removed_at', 'is not', null)
      .where('taken_until', '<=', now)
      .execute()
  }

  /** Notes that nothing is in a collection. */
  async forgetCollection(collection: number): Promise<void> {
    const slot = slotOf(collection)
    await this.#pictures
      .updateTable('picture')
      .set({ [slot]: 0 })
      .where(slot, '=', collection)
      .execute()
  }

  /** Those of some pictures that are still there, by id. */
  async live(ids: readonly number[]): Promise<Map<number, LivePicture>> {
    if (ids.length === 0) return new Map()
    const rows = await this.#pictures
      .selectFrom('picture')
      .innerJoin('content', (join) =>
        join.onRef('content.kind', '=', 'picture.content_kind').onRef('content.id', '=', 'picture.content_id'),
      )
      .select(['picture.id as id', 'picture.kind as kind', 'content_id as contentId', 'time_ms as timeMs'])
      .select('picture_key as pictureKey')
      .where('picture.id', 'in', [...ids])
      .where('removed_at', 'is', null)
      .execute()
    return new Map(rows.map((row) => [row.id, row]))
  }

  /** The pictures of a video that are in a collection. */
  async ofVideo(collection: number, videoId: number): Promise<number[]> {
    const rows = await this.#pictures
      .selectFrom('picture')
      .select('id')
      .where('content_kind', '=', 'video')
      .where('content_id', '=', videoId)
      .where(slotOf(collection), '=', collection)
      .where('is_unreadable', '=', 0)
      .where('removed_at', 'is', null)
      .execute()
    return rows.map(({ id }) => id)
  }

  get #pictures() {
    return pictures(this.#database.em())
  }

  #live(ids: readonly number[]) {
    return ofIds(this.#database.em(), ids).where('removed_at', 'is', null)
  }
}

const nameOf = ({ kind, fileKey, timeMs }: WantedPicture) => `${kind} ${fileKey} ${timeMs}`
const slotOf = (collection: number) => (collection % 2 === 0 ? 'even_slot' : 'odd_slot')

const pictures = (em: EntityManager) => kysely<typeof PictureEntity | typeof ContentEntity>(em)
const ofIds = (em: EntityManager, ids: readonly number[]) =>
  pictures(em)
    .updateTable('picture')
    .where('id', 'in', [...ids])
