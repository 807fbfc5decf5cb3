import type { videoDeleted, videoPublished } from '@fanone/contracts'
import { applyOnce, type Database, type EventHandler, type Handled } from '@fanone/service-kit'
import type { ContentRepository } from './content.repository.ts'

/** What happens here when a video appears or is deleted, in whatever order that is heard. */
export function contentEvents(services: { database: Database; contents: ContentRepository; onDeleted: () => void }) {
  const { database, contents, onDeleted } = services
  const handled = (isFirst: boolean): Handled => (isFirst ? 'handled' : 'duplicate')

  const addVideo: EventHandler<typeof videoPublished> = async ({ event, data: { videoId: id, authorId } }) =>
    handled(await applyOnce(database, event, (em) => contents.add(em, { kind: 'video', id, authorId })))

  const endVideo: EventHandler<typeof videoDeleted> = async ({ event, data }) => {
    const { videoId: id, authorId, deletedAt } = data
    const isFirst = await applyOnce(database, event, (em) =>
      contents.end(em, { kind: 'video', id, authorId, deletedAt: new Date(deletedAt) }),
    )
    onDeleted()
    return handled(isFirst)
  }

  return { 'video.published': addVideo, 'video.deleted': endVideo }
}
