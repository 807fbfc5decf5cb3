import type { ContentKind, interactionContract, relationContract, videoContract } from '@fanone/contracts'
import type { ServiceClient } from '@fanone/service-kit'
import { CounterChanges } from '../counter/changes.ts'

/** Videos have long descriptions, and a sidecar takes 4 MiB. */
const VIDEOS_PER_PAGE = 200
const PER_PAGE = 500
/** What is visited. */
const visitedKinds: ContentKind[] = ['video']

/** The services that own what is counted. */
export interface Sources {
  interaction: Pick<ServiceClient<typeof interactionContract>, 'likes' | 'comments' | 'visits'>
  relation: ServiceClient<typeof relationContract>
  video: ServiceClient<typeof videoContract>
}

/** Everything as its owners have it, by the same rules as events are counted. */
export interface Recount {
  counts: CounterChanges
  /** Videos that are public. */
  videoIds: Set<number>
}

/** Counts everything anew. @throws ServiceError where one of the services does not answer */
export async function recount(sources: Sources): Promise<Recount> {
  const counts = new CounterChanges()
  const videoIds = new Set<number>()
  const noTime = { at: new Date(0).toISOString() }
  const pagesById = async <Item extends { id: number }>(
    walk: (page: { afterId: number; limit: number }) => Promise<{ items: Item[] }>,
    limit: number,
    count: (item: Item) => void,
  ) => {
    for (let afterId = 0; ; ) {
      const { items } = await walk({ afterId, limit })
      for (const item of items) count(item)
      if (items.length < limit) return
      afterId = items.at(-1)?.id ?? afterId
    }
  }
  const { interaction, relation, video } = sources
  await pagesById(video.videos.walk, VIDEOS_PER_PAGE, ({ id, authorId }) => {
    videoIds.add(id)
    counts.addVideo({ videoId: id, authorId }, 1)
  })
  await pagesById(interaction.likes.walk, PER_PAGE, (like) => counts.addLike({ ...like, ...noTime }, 1))
  await pagesById(interaction.comments.walk, PER_PAGE, (comment) =>
    counts.addComment({ ...comment, commentId: comment.id, ...noTime }, 1),
  )
  for (const kind of visitedKinds) await countVisits(interaction, kind, counts)
  await countFollows(relation, counts)
  return { counts, videoIds }
}

async function countVisits(
  interaction: Sources['interaction'],
  kind: ContentKind,
  counts: CounterChanges,
): Promise<void> {
  for (let after: { contentId: number; hour: string } | undefined; ; ) {
    const { items } = await interaction.visits.walk({ kind, limit: PER_PAGE, ...(after && { after }) })
    for (const { contentId, authorId, hour, visits } of items)
      counts.addVisits({ kind, contentId, authorId, at: hour }, visits)
    const last = items.at(-1)
    if (items.length < PER_PAGE || !last) return
    after = { contentId: last.contentId, hour: last.hour }
  }
}

async function countFollows(relation: Sources['relation'], counts: CounterChanges): Promise<void> {
  for (let after = { followerId: 0, followeeId: 0 }; ; ) {
    const position = { afterFollowerId: after.followerId, afterFolloweeId: after.followeeId }
    const { items } = await relation.follows.walk({ ...position, limit: PER_PAGE })
    for (const follow of items) counts.addFollow(follow, 1)
    const last = items.at(-1)
    if (items.length < PER_PAGE || !last) return
    after = last
  }
}
