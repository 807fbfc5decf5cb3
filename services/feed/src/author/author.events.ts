import type { userUpdated } from '@fanone/contracts'
import type { EventHandler } from '@fanone/service-kit'
import type { AuthorRepository } from './author.repository.ts'
import { toAuthor } from './author.service.ts'

/** What the feed does when a user changes, is hidden, or is shown again. */
export function authorEvents(authors: AuthorRepository) {
  const renameAuthor: EventHandler<typeof userUpdated> = async ({ event, data }) => {
    const author = { ...toAuthor({ ...data, id: data.userId }), isHidden: data.isHidden }
    const isFirst = await authors.applyOnce(event, author, data.version)
    return isFirst ? 'handled' : 'duplicate'
  }
  return { 'user.updated': renameAuthor }
}
