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

  async #tell(em: EntityManager, content: Content, { version, isDeleted, ...facts }: Told): Promise<boolean> {
    const known = await this.#lock(em, content, facts.ownerId)
    if (known.isDeleted || (version !== undefined && version <= known.version)) return false
    const next = { ...known, ...facts, isDeleted: isDeleted ?? false, version: version ?? known.version }
    await contents(em)
      .updateTable('content')
      .set({
        owner_id: next.ownerId,
        version: next.version,
        is_deleted: next.isDeleted,
        picture_key: next.pictureKey,
        duration_ms: next.durationMs,
        frames_key: next.framesKey,
      })
      .where('kind', '=', content.kind)
      .where('id', '=', content.id)
      .execute()
    await this.#pictures.setOf(em, { ...content, ownerId: next.ownerId }, this.#wanted(content.kind, next))
    return true
  }

  async #lock(em: EntityManager, { kind, id }: Content, ownerId: number): Promise<Facts> {
    await contents(em)
      .insertInto('content')
      .ignore()
      .values({
        ...{ kind, id, owner_id: ownerId, version: 0, is_deleted: 0 },
        ...{ picture_key: '', duration_ms: 0, frames_key: '' },
      })
      .execute()
    const row = await contents(em)
      .selectFrom('content')
      .select(['owner_id', 'version', 'is_deleted', 'picture_key', 'duration_ms', 'frames_key'])
      .where('kind', '=', kind)
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirstOrThrow()
    return {
      ownerId: row.owner_id,
      version: row.version,
      isDeleted: row.is_deleted !== 0,
      pictureKey: row.picture_key,
      durationMs: row.duration_ms,
      framesKey: row.frames_key,
    }
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

/** Times of up to `most` frames: in the middle of equal parts, so not at black ends. */
export function frameTimes(durationMs: number, most: number): number[] {
  const count = Math.min(most, Math.floor(durationMs / LEAST_APART_MS))
  return Array.from({ length: count }, (_, index) => Math.round(((index + 0.5) * durationMs) / count))
}

const contents = (em: EntityManager) => kysely<typeof ContentEntity>(em)
