import type { videoDeleted, videoPublished, videoUpdated } from '@fanone/contracts'
import type { EventHandler, Handled } from '@fanone/service-kit'
import type { AuthorService } from '../author/author.service.ts'
import { changeFromEvent, removal } from './card.ts'
import type { TimelineRepository } from './timeline.repository.ts'

/** What the feed does when something happens to a video. */
export function timelineEvents(services: { timelines: TimelineRepository; authors: AuthorService }) {
  const { timelines, authors } = services
  const handled = (isFirst: boolean): Handled => (isFirst ? 'handled' : 'duplicate')

  // Published and updated carry all facts, so either creates the card if it comes first.
  const showVideo: EventHandler<typeof videoPublished | typeof videoUpdated> = async ({ event, data }) => {
    await authors.addUnknown([data.authorId])
    return handled(await timelines.applyOnce(event, changeFromEvent(data)))
  }
  const removeVideo: EventHandler<typeof videoDeleted> = async ({ event, data }) =>
    handled(await timelines.applyOnce(event, removal(data.videoId, data.version)))

  return { 'video.published': showVideo, 'video.updated': showVideo, 'video.deleted': removeVideo }
}
