import type { ContentRef } from '@fanone/contracts'
import { fanoneContract } from '@fanone/contracts/gateway'
import { hasCode, requireIdentity, ServiceError } from '@fanone/service-kit'
import { implement } from '@orpc/server'
import { CompatError, compatCodes } from '../compat/compat-codes.ts'
import { answer, done, toFanoneComment, toFanoneVideo } from '../fanone/fanone.views.ts'
import type { Admission, RouteContext } from '../http/admission.ts'
import { guard, type Services } from '../http/surface.ts'

const PAGE_SIZE = 20

interface Paging {
  page_num?: number | undefined
  page_size?: number | undefined
}
const toOffset = ({ page_num: number = 0, page_size: limit = PAGE_SIZE }: Paging) => ({ offset: number * limit, limit })

/** The one id that the contract lets through. */
function targetOf(input: { video_id?: number | undefined; comment_id?: number | undefined }): ContentRef {
  if (input.video_id !== undefined) return { kind: 'video', id: input.video_id }
  if (input.comment_id !== undefined) return { kind: 'comment', id: input.comment_id }
  throw new ServiceError('invalid_input')
}

/** The handlers of FanOne 13 and 14. */
export function fanoneLike(admission: Admission, { likes, videos, counters, mediaUrl }: Services) {
  const api = implement(fanoneContract.like).$context<RouteContext>().use(guard(admission))
  return {
    action: api.action.handler(async ({ input: { action_type: action, ...ids }, context }) => {
      const identity = requireIdentity(context)
      if (action === 'like') {
        if (!(await likes.like(identity, targetOf(ids))))
          throw new CompatError(compatCodes.alreadyLiked, 'This is liked already')
      } else if (!(await likes.unlike(identity, targetOf(ids))))
        throw new CompatError(compatCodes.notLiked, 'This is not liked')
      return done()
    }),
    list: api.list.handler(async ({ input: { user_id: userId, ...paging }, context }) => {
      const of = userId ?? requireIdentity(context).userId
      const { videoIds } = await likes.listVideos({ userId: of, ...toOffset(paging) })
      const found = await counters.onContent('video', await videos.getEach(videoIds))
      return answer({ items: found.map((video) => toFanoneVideo(video, mediaUrl)) })
    }),
  }
}

/** The handlers of FanOne 15 to 17. */
export function fanoneComment(admission: Admission, { comments, counters }: Services) {
  const api = implement(fanoneContract.comment).$context<RouteContext>().use(guard(admission))
  return {
    publish: api.publish.handler(async ({ input: { content: text, ...ids }, context }) => {
      await comments.create(requireIdentity(context), { target: targetOf(ids), text })
      return done()
    }),
    list: api.list.handler(async ({ input: { video_id, comment_id, ...paging } }) => {
      const target = targetOf({ video_id, comment_id })
      const page = toOffset(paging)
      const { items } = await (target.kind === 'comment'
        ? comments.replies(target.id, page)
        : comments.list(target, page))
      const counted = await counters.onContent('comment', items)
      return answer({ items: counted.map((comment) => toFanoneComment(comment)) })
    }),
    delete: api.delete.handler(async ({ input: { comment_id: id }, context }) => {
      await comments.delete(requireIdentity(context), { id, onlyOwn: true }).catch((error) => {
        throw hasCode(error, 'forbidden')
          ? new CompatError(compatCodes.notYourComment, 'This is not your comment')
          : error
      })
      return done()
    }),
  }
}
