import { douyinContract } from '@fanone/contracts/gateway'
import { hasCode, requireIdentity, ServiceError } from '@fanone/service-kit'
import { implement } from '@orpc/server'
import { CompatError, compatCodes } from '../compat/compat-codes.ts'
import { answer, toDouyinComment, toDouyinVideo } from '../douyin/douyin.views.ts'
import type { Admission, RouteContext } from '../http/admission.ts'
import { guard, type Services } from '../http/surface.ts'

/** The handlers of Douyin 7 and 8. */
export function douyinFavorite(
  admission: Admission,
  { likes, videos, users, relations, counters, mediaUrl }: Services,
) {
  const api = implement(douyinContract.favorite).$context<RouteContext>().use(guard(admission))
  return {
    action: api.action.handler(async ({ input: { video_id: id, action_type: action }, context }) => {
      await likes[action](requireIdentity(context), { kind: 'video', id })
      return answer({})
    }),
    list: api.list.handler(async ({ input: { user_id: userId }, context }) => {
      const ids = await likes.listAllVideos(userId)
      const [found, liked] = await Promise.all([videos.getEach(ids), likes.likedBy(context.identity, 'video', ids)])
      const authorIds = [...new Set(found.map((video) => video.authorId))]
      const [authors, followed, counted] = await Promise.all([
        users.getEach(authorIds).then((profiles) => counters.onUsers(profiles)),
        relations.followedBy(context.identity, authorIds),
        counters.onContent('video', found),
      ])
      const authorOf = new Map(authors.map((author) => [author.id, author]))
      const shown = counted.flatMap((video) => {
        const author = authorOf.get(video.authorId)
        return author ? toDouyinVideo(video, author, mediaUrl, followed, liked) : []
      })
      return answer({ video_list: shown })
    }),
  }
}

/** The handlers of Douyin 9 and 10. */
export function douyinComment(admission: Admission, { comments, users, relations, counters, mediaUrl }: Services) {
  const api = implement(douyinContract.comment).$context<RouteContext>().use(guard(admission))
  return {
    action: api.action.handler(async ({ input, context }) => {
      const identity = requireIdentity(context)
      if (input.action_type === 'delete') {
        await comments.delete(identity, { id: needed(input.comment_id, 'comment_id') }).catch((error) => {
          throw hasCode(error, 'forbidden')
            ? new CompatError(compatCodes.notYourComment, 'This is not your comment')
            : error
        })
        return answer({})
      }
      const target = { kind: 'video', id: input.video_id } as const
      const [comment, author] = await Promise.all([
        comments.create(identity, { target, text: needed(input.comment_text, 'comment_text') }),
        users.getOne(identity.userId).then((profile) => counters.onUser(profile)),
      ])
      return answer({ comment: toDouyinComment(comment, author, mediaUrl) })
    }),
    list: api.list.handler(async ({ input: { video_id: id }, context }) => {
      const items = await comments.listAll({ kind: 'video', id })
      const authorIds = [...new Set(items.map((comment) => comment.userId))]
      const [authors, followed] = await Promise.all([
        users.getEach(authorIds).then((profiles) => counters.onUsers(profiles)),
        relations.followedBy(context.identity, authorIds),
      ])
      const authorOf = new Map(authors.map((author) => [author.id, author]))
      const shown = items.flatMap((comment) => {
        const author = authorOf.get(comment.userId)
        return author ? toDouyinComment(comment, author, mediaUrl, followed) : []
      })
      return answer({ comment_list: shown })
    }),
  }
}

/** @throws ServiceError `invalid_input` where a parameter that this action needs was left out */
function needed<Value>(value: Value | undefined, name: string): Value {
  if (value === undefined)
    throw new ServiceError('invalid_input', { detail: `${name}: is needed for this action_type` })
  return value
}
