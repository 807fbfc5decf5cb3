import { type ContentKind, type ContentRef, type interactionContract, MAX_BATCH, MAX_VIEWERS } from '@fanone/contracts'
import { Counter, chunksOf, type Identity, type ServiceClient } from '@fanone/service-kit'
import { gathered } from '../calls/gathered.ts'
import { allPages } from '../compat/all-pages.ts'

const READ_TIMEOUT_MS = 3_000
const WRITE_TIMEOUT_MS = 6_000
/** A page is not kept waiting for what it can do without. */
const FLAGS_TIMEOUT_MS = 1_000

/** Ids of the content that the viewer likes, at least of what is shown. */
export type Liked = ReadonlySet<number>
const nothing: Liked = new Set()

/** Who looks at what. */
interface Viewer {
  userId: number
  kind: ContentKind
  ids: number[]
}

const flagsMissed = new Counter({
  name: 'fanone_gateway_like_flags_missed_total',
  help: 'Pages answered without like flags because interaction did not answer',
})

/** Who likes what, as all APIs use it. */
export class LikesService {
  readonly #interaction: ServiceClient<typeof interactionContract>
  readonly #liked: (viewer: Viewer) => Promise<number[]>

  constructor(interaction: ServiceClient<typeof interactionContract>) {
    this.#interaction = interaction
    this.#liked = gathered({
      ask: async (viewers: readonly Viewer[], context) =>
        (await interaction.likes.flags({ viewers: [...viewers] }, { context })).liked,
      mostQuestions: MAX_VIEWERS,
      timeoutMs: FLAGS_TIMEOUT_MS,
    })
  }

  /** @returns whether it was different before. @throws ServiceError `video_not_found`, `comment_not_found` */
  async like(identity: Identity, target: ContentRef): Promise<boolean> {
    const context = { identity, timeoutMs: WRITE_TIMEOUT_MS }
    return (await this.#interaction.likes.like({ target }, { context })).changed
  }

  /** @returns whether it was different before. @throws ServiceError `video_not_found`, `comment_not_found` */
  async unlike(identity: Identity, target: ContentRef): Promise<boolean> {
    const context = { identity, timeoutMs: WRITE_TIMEOUT_MS }
    return (await this.#interaction.likes.unlike({ target }, { context })).changed
  }

  /** Those of up to 100 pieces of content that the caller likes. */
  async flags(identity: Identity, kind: ContentKind, ids: number[]): Promise<number[]> {
    if (ids.length === 0) return []
    return this.#liked({ userId: identity.userId, kind, ids })
  }

  /**
   * Which of these the viewer likes. What is shown beside something else is no reason to fail: nothing, where interaction does not
   * answer or nobody is logged in.
   */
  async likedBy(viewer: Identity | undefined, kind: ContentKind, ids: number[]): Promise<Liked> {
    if (!viewer || ids.length === 0) return nothing
    try {
      const liked = await Promise.all(chunksOf(ids, MAX_BATCH).map((batch) => this.flags(viewer, kind, batch)))
      return new Set(liked.flat())
    } catch {
      flagsMissed.inc()
      return nothing
    }
  }

  /** Ids of the videos that a user likes, the last liked first. @throws ServiceError `malformed_cursor` */
  async listVideos(page: { userId: number; cursor?: string | undefined; offset?: number; limit: number }) {
    const { cursor, ...rest } = page
    const { items, nextCursor } = await this.#interaction.likes.listByUser(
      { kind: 'video', ...rest, ...(cursor === undefined ? {} : { cursor }) },
      { context: { timeoutMs: READ_TIMEOUT_MS } },
    )
    return { videoIds: items.map(({ contentId }) => contentId), nextCursor }
  }

  /** Ids of the videos that a user likes, the last liked first, all of them up to 2,000. */
  listAllVideos(userId: number): Promise<number[]> {
    return allPages(async (page) => {
      const { videoIds, nextCursor } = await this.listVideos({ userId, ...page })
      return { items: videoIds, nextCursor }
    })
  }
}
