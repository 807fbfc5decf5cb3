import { fanoneContract } from '@fanone/contracts/gateway'
import { requireIdentity } from '@fanone/service-kit'
import { implement } from '@orpc/server'
import type { Admission, RouteContext } from '../http/admission.ts'
import { guard, type Services } from '../http/surface.ts'
import { fanoneComment, fanoneLike } from '../interactions/interactions.fanone.ts'
import { fanoneRelation } from '../relations/relations.fanone.ts'
import { answer, cardToFanoneVideo, done, toFanoneUser, toFanoneVideo } from './fanone.views.ts'

const FEED_SIZE = 20

/** The handlers of the FanOne API; `video.publish` is answered by the upload handler. */
export function fanoneRouter(admission: Admission, services: Services) {
  const { users, videos, feed, counters, mediaUrl } = services
  const api = implement(fanoneContract).$context<RouteContext>().use(guard(admission))
  return {
    user: {
      register: api.user.register.handler(async ({ input }) => {
        await users.register(input)
        return done()
      }),
      logIn: api.user.logIn.handler(async ({ input: { username, password }, context }) => {
        const { user, tokens } = await users.logIn({ username, password }, String(context.request.ip))
        context.response.set({
          'Access-Token': tokens.accessToken,
          'Refresh-Token': tokens.refreshToken,
          'Cache-Control': 'no-store',
        })
        return answer(toFanoneUser(user, mediaUrl))
      }),
      info: api.user.info.handler(async ({ input, context }) => {
        const profile = await users.getOne(input.user_id ?? requireIdentity(context).userId)
        return answer(toFanoneUser(profile, mediaUrl))
      }),
    },
    like: fanoneLike(admission, services),
    comment: fanoneComment(admission, services),
    relation: fanoneRelation(admission, services),
    video: {
      feed: api.video.feed.handler(async ({ input: { latest_time: latestTimeMs } }) => {
        const cards = latestTimeMs ? await feed.after(latestTimeMs, FEED_SIZE) : await feed.before(undefined, FEED_SIZE)
        return answer({ items: cards.map((card) => cardToFanoneVideo(card, mediaUrl)) })
      }),
      search: api.video.search.handler(async ({ input }) => {
        const { keywords: keyword, page_num: pageNumber, page_size: limit, username: authorName = '' } = input
        const bounds = { fromMs: input.from_date, toMs: input.to_date }
        const paging = { offset: pageNumber * limit, limit }
        const { items, total } = await videos.searchPage({ keyword, authorName, ...bounds, ...paging })
        const counted = await counters.onContent('video', items)
        return answer({ items: counted.map((video) => toFanoneVideo(video, mediaUrl)), total })
      }),
      list: api.video.list.handler(async ({ input }) => {
        const { user_id: authorId, page_num: pageNumber, page_size: limit } = input
        const { items, total } = await videos.pageByAuthor({ authorId, offset: pageNumber * limit, limit })
        const counted = await counters.onContent('video', items)
        return answer({ items: counted.map((video) => toFanoneVideo(video, mediaUrl)), total })
      }),
      popular: api.video.popular.handler(async ({ input }) => {
        const { page_num: pageNumber = 0, page_size: limit = FEED_SIZE } = input
        const { items } = await feed.popular({ period: 'all', offset: pageNumber * limit, limit })
        return answer({ items: items.map((card) => cardToFanoneVideo(card, mediaUrl)) })
      }),
    },
  }
}
