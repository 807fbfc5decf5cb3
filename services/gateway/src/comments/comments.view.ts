import type { Comment } from '@fanone/contracts'
import type { DouyinComment, FanoneComment, V1Comment } from '@fanone/contracts/gateway'
import type { ShownComment, WithAuthor } from '../presenter/shown.ts'
import { toChinaTime } from '../surfaces/compat/utc-plus-8.ts'
import { toDouyinUser, toV1Author } from '../users/users.view.ts'

export function toV1Comment({ comment, counters, author, isLiked }: WithAuthor<ShownComment>): V1Comment {
  const { userId: _user, ...rest } = comment
  const { likes, comments } = counters
  return { ...rest, counters: { likes, comments }, author: toV1Author(author), isLiked }
}

/** A comment does not change once it is written. */
export function toFanoneComment({ comment, counters }: ShownComment): FanoneComment {
  const createdAt = toChinaTime(comment.createdAt)
  return {
    id: String(comment.id),
    user_id: String(comment.userId),
    video_id: String(comment.contentId),
    parent_id: comment.parentId === null ? '' : String(comment.parentId),
    like_count: counters.likes,
    child_count: counters.comments,
    content: comment.text,
    created_at: createdAt,
    updated_at: createdAt,
    deleted_at: '',
  }
}

/** The day of a comment is that of UTC+8. */
export function toDouyinComment({ comment, author }: WithAuthor<{ comment: Comment }>): DouyinComment {
  const { id, text: content, createdAt } = comment
  return { id, user: toDouyinUser(author), content, create_date: toChinaTime(createdAt).slice(5, 10) }
}
