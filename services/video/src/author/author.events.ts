import type { userUpdated } from '@fanone/contracts'
import type { EventHandler } from '@fanone/service-kit'
import type { AuthorRepository } from './author.repository.ts'
import { authorText } from './author.service.ts'

/** What happens to the search when a user changes. */
export function authorEvents(authors: AuthorRepository) {
  const renameAuthor: EventHandler<typeof userUpdated> = async ({ event, data }) => {
    const author = { authorId: data.userId, text: authorText(data), version: data.version }
    return (await authors.applyOnce(event, author)) ? 'handled' : 'duplicate'
  }
  return { 'user.updated': renameAuthor }
}
