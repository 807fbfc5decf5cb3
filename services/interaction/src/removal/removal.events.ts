import type { contentRemoved } from '@fanone/contracts'
import type { EventHandler } from '@fanone/service-kit'
import type { CommentService } from '../comment/comment.service.ts'

/** Deletes comments that operators have removed. Needs no inbox: a comment is deleted once. */
export function removalEvents(comments: Pick<CommentService, 'remove'>) {
  const removeComment: EventHandler<typeof contentRemoved> = async ({ data: { kind, contentId } }) => {
    if (kind === 'comment') await comments.remove(contentId)
    return 'handled'
  }
  return { 'content.removed': removeComment }
}
