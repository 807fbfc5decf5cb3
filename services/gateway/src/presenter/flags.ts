import type { FollowFlags } from '@fanone/contracts'
import { type ContentKind, MAX_BATCH } from '@fanone/contracts'
import { Counter, chunksOf, type Identity } from '@fanone/service-kit'
import type { Client } from '../calls/client.ts'

/** A page is not kept waiting for what it can do without. */
const TIMEOUT_MS = 1_000

const nothing: ReadonlySet<number> = new Set()

const likeFlagsMissed = new Counter({
  name: 'fanone_gateway_like_flags_missed_total',
  help: 'Pages answered without like flags because interaction did not answer',
})
const followFlagsMissed = new Counter({
  name: 'fanone_gateway_follow_flags_missed_total',
  help: 'Pages answered without following flags because relation did not answer',
})

/** What viewers like and whom they follow. */
export interface Flags {
  /**
   * Those of up to 100 pieces of content that the caller likes.
   *
   * @throws ServiceError where interaction does not answer
   */
  liked: (identity: Identity, kind: ContentKind, ids: number[]) => Promise<number[]>
  /**
   * How the caller stands to up to 100 users.
   *
   * @throws ServiceError where relation does not answer
   */
  follows: (identity: Identity, userIds: number[]) => Promise<FollowFlags[]>
  /**
   * Which of these the viewer likes; none without a viewer, or where interaction does not answer.
   */
  likedBy: (viewer: Identity | undefined, kind: ContentKind, ids: number[]) => Promise<ReadonlySet<number>>
  /**
   * Whom of these the viewer follows; nobody without a viewer, or where relation does not answer.
   */
  followedBy: (viewer: Identity | undefined, userIds: number[]) => Promise<ReadonlySet<number>>
}

export function createFlags(options: { interaction: Client<'interaction'>; relation: Client<'relation'> }): Flags {
  const { interaction, relation } = options
  const context = { timeoutMs: TIMEOUT_MS }
  const liked: Flags['liked'] = async ({ userId }, kind, ids) =>
    ids.length === 0 ? [] : (await interaction.likes.flags({ userId, kind, ids }, { context })).liked
  const follows: Flags['follows'] = async ({ userId }, otherIds) =>
    (await relation.follows.flags({ userId, otherIds }, { context })).flags
  return {
    liked,
    follows,
    likedBy: async (viewer, kind, ids) => {
      if (!viewer || ids.length === 0) return nothing
      try {
        const pages = await Promise.all(chunksOf(ids, MAX_BATCH).map((batch) => liked(viewer, kind, batch)))
        return new Set(pages.flat())
      } catch {
        likeFlagsMissed.inc()
        return nothing
      }
    },
    followedBy: async (viewer, userIds) => {
      const others = [...new Set(userIds)].filter((id) => id !== viewer?.userId)
      if (!viewer || others.length === 0) return nothing
      try {
        const { userId } = viewer
        const pages = await Promise.all(
          chunksOf(others, MAX_BATCH).map((otherIds) => relation.follows.followed({ userId, otherIds }, { context })),
        )
        return new Set(pages.flatMap(({ followed }) => followed))
      } catch {
        followFlagsMissed.inc()
        return nothing
      }
    },
  }
}
