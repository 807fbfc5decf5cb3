import { type Database, type EntityManager, kysely } from '@fanone/service-kit'
import type { PictureRepository, WantedPicture } from '../picture/picture.repository.ts'
import type { ContentEntity, ContentKind } from './content.entity.ts'

/** Frames closer to each other than this show the same. */
const LEAST_APART_MS = 1_000

/** What an event tells of a user or a video. What it does not tell stays. */
export interface Told {
  ownerId: number
  /** Of what is told; left out where the event has no order with others. */
  version?: number
  isDeleted?: boolean
  /** Of a user: nothing of theirs is to be found. */
  isHidden?: boolean
  pictureKey?: string
  durationMs?: number
  framesKey?: string
}

interface Content {
  kind: ContentKind
  id: number
}

/** Keeps which pictures there are in step with what events tell, in any order of them. */
export class ContentService {
  readonly #database: Database
  readonly #pictures: Pick<PictureRepository, 'setOf'>
  readonly #maxFrames: number
  readonly #onChanged: () => void

  constructor(options: {
    database: Database
    pictures: Pick<PictureRepository, 'setOf'>
    maxFrames: number
    onChanged: () => void
  }) {
    this.#database = options.database
    this.#pictures = options.pictures
    this.#maxFrames = options.maxFrames
    this.#onChanged = options.onChanged
  }

  /** @returns false where something newer is known */
  async tell(content: Content, told: Told): Promise<boolean> {
    const isNews = await this.#database.transaction((em) => this.#tell(em, content, told))
    if (isNews) this.#onChanged()
    return isNews
  }

  async #tell(em: EntityManager, content: Content, { version, ...facts }: Told): Promise<boolean> {
    const known = await this.#lock(em, content, facts.ownerId)
    if (known.isDeleted || (version !== undefined && version <= known.version)) return false
    const next = { ...known, ...facts, version: version ?? known.version }
    await contents(em)
      .updateTable('content')
      .set({
        owner_id: next.ownerId,
        version: next.version,
        is_deleted: next.isDeleted,
        is_hidden: next.isHidden,
        picture_key: next.pictureKey,
        duration_ms: next.durationMs,
        frames_key: next.framesKey,
      })
      .where('kind', '=', content.kind)
      .where('id', '=', content.id)
      .execute()
    const isHidden = content.kind === 'user' ? next.isHidden : await this.#isHidden(em, next.ownerId)
    await this.#setPictures(em, content, next, isHidden)
    if (next.isHidden !== known.isHidden) await this.#setPicturesOfVideos(em, content.id, isHidden)
    return true
  }

  /** Holds the owner's row, so that a video is published before or after they are hidden. */
  async #isHidden(em: EntityManager, userId: number): Promise<boolean> {
    return (await this.#lock(em, { kind: 'user', id: userId }, userId)).isHidden
  }

  async #setPicturesOfVideos(em: EntityManager, ownerId: number, isHidden: boolean): Promise<void> {
    const videos = await contents(em)
      .selectFrom('content')
      .select(['id', ...FACTS])
      .where('kind', '=', 'video')
      .where('owner_id', '=', ownerId)
      .execute()
    for (const { id, ...video } of videos)
      await this.#setPictures(em, { kind: 'video', id }, toFacts({ ...video, owner_id: ownerId }), isHidden)
  }

  async #setPictures(em: EntityManager, content: Content, facts: Facts, isHidden: boolean): Promise<void> {
    const wanted = isHidden ? [] : this.#wanted(content.kind, facts)
    await this.#pictures.setOf(em, { ...content, ownerId: facts.ownerId }, wanted)
  }

  async #lock(em: EntityManager, { kind, id }: Content, ownerId: number): Promise<Facts> {
    await contents(em)
      .insertInto('content')
      .ignore()
      .values({
        ...{ kind, id, owner_id: ownerId, version: 0, is_deleted: 0, is_hidden: 0 },
        ...{ picture_key: '', duration_ms: 0, frames_key: '' },
      })
      .execute()
    const row = await contents(em)
      .selectFrom('content')
      .select(FACTS)
      .where('kind', '=', kind)
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirstOrThrow()
    return toFacts(row)
  }

  #wanted(kind: ContentKind, { isDeleted, pictureKey, durationMs, framesKey }: Facts): WantedPicture[] {
    if (isDeleted) return []
    const shown: WantedPicture[] = pictureKey
      ? [{ kind: kind === 'user' ? 'avatar' : 'cover', fileKey: pictureKey, timeMs: 0 }]
      : []
    if (!framesKey) return shown
    const times = frameTimes(durationMs, this.#maxFrames)
    return [...shown, ...times.map((timeMs) => ({ kind: 'frame' as const, fileKey: framesKey, timeMs }))]
  }
}

type Facts = Required<Told>

const FACTS = [
  ...(['owner_id', 'version', 'is_deleted', 'is_hidden'] as const),
  ...(['picture_key', 'duration_ms', 'frames_key'] as const),
]

const toFacts = (row: {
  owner_id: number
  version: number
  is_deleted: number
  is_hidden: number
  picture_key: string
  duration_ms: number
  frames_key: string
}): Facts => ({
  ownerId: row.owner_id,
  version: row.version,
  isDeleted: row.is_deleted !== 0,
  isHidden: row.is_hidden !== 0,
  pictureKey: row.picture_key,
  durationMs: row.duration_ms,
  framesKey: row.frames_key,
})

/** Times of up to `most` frames: in the middle of equal parts, so not at black ends. */
export function frameTimes(durationMs: number, most: number): number[] {
  const count = Math.min(most, Math.floor(durationMs / LEAST_APART_MS))
  return Array.from({ length: count }, (_, index) => Math.round(((index + 0.5) * durationMs) / count))
}

const contents = (em: EntityManager) => kysely<typeof ContentEntity>(em)
