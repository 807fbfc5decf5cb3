import {
  commentCreated,
  commentDeleted,
  contentLiked,
  contentUnliked,
  contentVisited,
  type EventContract,
  type EventData,
  userFollowed,
  userUnfollowed,
  videoDeleted,
  videoPublished,
} from '@fanone/contracts'
import { type BatchSubscription, onBatch } from '@fanone/service-kit'
import { CounterChanges } from './counter/changes.ts'
import type { CounterRepository } from './counter/counter.repository.ts'

/** The counted events; dapr/subscriptions.yaml is the same list for the sidecar. */
export function subscriptions(counters: CounterRepository): BatchSubscription[] {
  const counted = <Event extends EventContract>(
    event: Event,
    count: (changes: CounterChanges, data: EventData<Event>) => void,
  ) =>
    onBatch(event, (deliveries) =>
      counters.applyOnce(deliveries, (fresh) => {
        const changes = new CounterChanges()
        for (const { data } of fresh) count(changes, data)
        return changes
      }),
    )
  return [
    counted(videoPublished, (changes, video) => changes.addVideo(video, 1)),
    counted(videoDeleted, (changes, video) => changes.addVideo(video, -1)),
    counted(contentLiked, (changes, like) => changes.addLike(like, 1)),
    counted(contentUnliked, (changes, like) => changes.addLike(like, -1)),
    counted(contentVisited, (changes, visit) => changes.addVisit(visit)),
    counted(commentCreated, (changes, comment) => changes.addComment(comment, 1)),
    counted(commentDeleted, (changes, comment) => changes.addComment(comment, -1)),
    counted(userFollowed, (changes, follow) => changes.addFollow(follow, 1)),
    counted(userUnfollowed, (changes, follow) => changes.addFollow(follow, -1)),
  ]
}
