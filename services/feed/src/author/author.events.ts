import type { userUpdated } from '@fanone/contracts'
import type { EventHandler } from '@fanone/service-kit'
import type { AuthorRepository } from './author.repository.ts'
import { toAuthor } from './author.service.ts'

/** What the feed does when a user changes. */
export function authorEvents(authors: AuthorRepository) {
  const renameAuthor: EventHandler<typeof userUpdated> = async ({ event, data }) => {
    const isFirst = await authors.applyOnce(event, toAuthor({ ...data, id: data.userId }), data.version)
    return isFirst ? 'handled' : 'duplicate'
  }
  return { 'user.updated': renameAuthor }
}
