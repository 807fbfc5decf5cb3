import type {
  commentCreated,
  commentDeleted,
  contentLiked,
  contentUnliked,
  contentVisited,
  EventContract,
  EventData,
  userFollowed,
  userUnfollowed,
  videoDeleted,
  videoPublished,
} from '@fanone/contracts'
import type { BatchHandler } from '@fanone/service-kit'
import { CounterChanges } from './changes.ts'
import type { CounterRepository } from './counter.repository.ts'

/** As what each event is counted; `onCounted` is called when counters have changed. */
export function counterEvents({ counters, onCounted }: { counters: CounterRepository; onCounted: () => void }) {
  const counted =
    <Event extends EventContract>(
      count: (changes: CounterChanges, data: EventData<Event>) => void,
    ): BatchHandler<Event> =>
    async (deliveries) => {
      const outcomes = await counters.applyOnce(deliveries, (fresh) => {
        const changes = new CounterChanges()
        for (const { data } of fresh) count(changes, data)
        return changes
      })
      onCounted()
      return outcomes
    }
  return {
    'video.published': counted<typeof videoPublished>((changes, video) => changes.addVideo(video, 1)),
    'video.deleted': counted<typeof videoDeleted>((changes, video) => changes.addVideo(video, -1)),
    'content.liked': counted<typeof contentLiked>((changes, like) => changes.addLike(like, 1)),
    'content.unliked': counted<typeof contentUnliked>((changes, like) => changes.addLike(like, -1)),
    'content.visited': counted<typeof contentVisited>((changes, visit) => changes.addVisit(visit)),
    'comment.created': counted<typeof commentCreated>((changes, comment) => changes.addComment(comment, 1)),
    'comment.deleted': counted<typeof commentDeleted>((changes, comment) => changes.addComment(comment, -1)),
    'user.followed': counted<typeof userFollowed>((changes, follow) => changes.addFollow(follow, 1)),
    'user.unfollowed': counted<typeof userUnfollowed>((changes, follow) => changes.addFollow(follow, -1)),
  }
}
