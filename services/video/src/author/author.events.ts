import type { userUpdated } from '@fanone/contracts'
import type { EventHandler } from '@fanone/service-kit'
import type { AuthorRepository } from './author.repository.ts'
import { authorText } from './author.service.ts'

/** What happens to the search when a user changes, is hidden, or is shown again. */
export function authorEvents(authors: AuthorRepository) {
  const changeAuthor: EventHandler<typeof userUpdated> = async ({ event, data }) => {
    const { userId: authorId, version, isHidden = false } = data
    const author = { authorId, text: authorText(data), version, isHidden }
    return (await authors.applyOnce(event, author)) ? 'handled' : 'duplicate'
  }
  return { 'user.updated': changeAuthor }
}
