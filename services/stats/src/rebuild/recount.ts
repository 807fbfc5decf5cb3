import type { ContentKind } from '@fanone/contracts'
import { type ClientOf, walkAll } from '@fanone/service-kit'
import type service from '../../service.ts'
import { CounterChanges } from '../counter/changes.ts'

/** Videos have long descriptions, and a sidecar takes 4 MiB. */
const VIDEOS_PER_PAGE = 200
const PER_PAGE = 500
/** Kinds of content with visits. */
const visitedKinds: ContentKind[] = ['video']

/** The services that own the counted rows. */
export interface Sources {
  interaction: ClientOf<typeof service, 'interaction'>
  relation: ClientOf<typeof service, 'relation'>
  video: ClientOf<typeof service, 'video'>
}

/** Everything as its owners have it, by the same rules as events are counted. */
export interface Recount {
  counts: CounterChanges
  /** Videos that are public. */
  videoIds: Set<number>
}

/**
 * Recounts everything.
 *
 * @throws ServiceError if one of the services does not answer
 */
export async function recount(sources: Sources): Promise<Recount> {
  const counts = new CounterChanges()
  const videoIds = new Set<number>()
  const noTime = { at: new Date(0).toISOString() }
  const { interaction, relation, video } = sources
  for await (const videos of walkAll(VIDEOS_PER_PAGE, byId(video.videos.walk, VIDEOS_PER_PAGE)))
    for (const { id, authorId } of videos) {
      videoIds.add(id)
      counts.addVideo({ videoId: id, authorId }, 1)
    }
  for await (const likes of walkAll(PER_PAGE, byId(interaction.likes.walk, PER_PAGE)))
    for (const like of likes) counts.addLike({ ...like, ...noTime }, 1)
  for await (const comments of walkAll(PER_PAGE, byId(interaction.comments.walk, PER_PAGE)))
    for (const comment of comments) counts.addComment({ ...comment, commentId: comment.id, ...noTime }, 1)
  for (const kind of visitedKinds) await countVisits(interaction, kind, counts)
  await countFollows(relation, counts)
  return { counts, videoIds }
}

/** A walk in the order of ids. */
const byId =
  <Item extends { id: number }>(
    walk: (page: { afterId: number; limit: number }) => Promise<{ items: Item[] }>,
    limit: number,
  ) =>
  async (after?: Item): Promise<Item[]> =>
    (await walk({ afterId: after?.id ?? 0, limit })).items

async function countVisits(
  interaction: Sources['interaction'],
  kind: ContentKind,
  counts: CounterChanges,
): Promise<void> {
  const walk = async (last?: { contentId: number; hour: string }) => {
    const after = last && { contentId: last.contentId, hour: last.hour }
    return (await interaction.visits.walk({ kind, limit: PER_PAGE, ...(after && { after }) })).items
  }
  for await (const hours of walkAll(PER_PAGE, walk))
    for (const { contentId, authorId, hour, visits } of hours)
      counts.addVisits({ kind, contentId, authorId, at: hour }, visits)
}

async function countFollows(relation: Sources['relation'], counts: CounterChanges): Promise<void> {
  const walk = async (last?: { followerId: number; followeeId: number }) => {
    const after = { afterFollowerId: last?.followerId ?? 0, afterFolloweeId: last?.followeeId ?? 0 }
    return (await relation.follows.walk({ ...after, limit: PER_PAGE })).items
  }
  for await (const follows of walkAll(PER_PAGE, walk)) for (const follow of follows) counts.addFollow(follow, 1)
}
