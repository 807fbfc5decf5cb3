import { douyinContract } from '@fanone/contracts/gateway'
import { requireIdentity } from '@fanone/service-kit'
import { implement } from '@orpc/server'
import type { Admission, RouteContext } from '../http/admission.ts'
import { guard, type Services } from '../http/surface.ts'
import { douyinComment, douyinFavorite } from '../interactions/interactions.douyin.ts'
import { douyinRelation } from '../relations/relations.douyin.ts'
import { answer, nextTime, readLatestTime, toDouyinUser, toDouyinVideo } from './douyin.views.ts'

const FEED_SIZE = 30

/** The handlers of the Douyin API; `publish.action` is answered by the upload handler. */
export function douyinRouter(admission: Admission, services: Services) {
  const { users, videos, feed, counters, likes, relations, mediaUrl } = services
  const api = implement(douyinContract).$context<RouteContext>().use(guard(admission))
  return {
    feed: api.feed.handler(async ({ input, context }) => {
      const beforeMs = readLatestTime(input.latest_time)
      const cards = await feed.before(beforeMs, FEED_SIZE)
      const [authors, followed, liked] = await Promise.all([
        counters.onUsers(cards.map(({ author }) => author)),
        relations.followedBy(
          context.identity,
          cards.map(({ author }) => author.id),
        ),
        likes.likedBy(
          context.identity,
          'video',
          cards.map(({ id }) => id),
        ),
      ])
      return answer({
        video_list: cards.map((card, index) =>
          toDouyinVideo(card, authors[index] ?? card.author, mediaUrl, followed, liked),
        ),
        next_time: nextTime(cards, beforeMs ?? Date.now()),
      })
    }),
    user: {
      register: api.user.register.handler(async ({ input, context }) => {
        const { user, tokens } = await users.register(input)
        context.response.set('Cache-Control', 'no-store')
        return answer({ user_id: user.id, token: tokens.accessToken })
      }),
      logIn: api.user.logIn.handler(async ({ input, context }) => {
        const { user, tokens } = await users.logIn(input, String(context.request.ip))
        context.response.set('Cache-Control', 'no-store')
        return answer({ user_id: user.id, token: tokens.accessToken })
      }),
      get: api.user.get.handler(async ({ input, context }) => {
        const viewer = requireIdentity(context)
        const userId = input.user_id ?? viewer.userId
        const [profile, followed] = await Promise.all([users.getOne(userId), relations.followedBy(viewer, [userId])])
        return answer({ user: toDouyinUser(await counters.onUser(profile), mediaUrl, followed) })
      }),
    },
    favorite: douyinFavorite(admission, services),
    comment: douyinComment(admission, services),
    relation: douyinRelation(admission, services),
    publish: {
      list: api.publish.list.handler(async ({ input: { user_id: authorId }, context }) => {
        const [author, published, followed] = await Promise.all([
          users.getOne(authorId),
          videos.listAllByAuthor(authorId),
          relations.followedBy(context.identity, [authorId]),
        ])
        const ids = published.map(({ id }) => id)
        const [liked, counted, countedAuthor] = await Promise.all([
          likes.likedBy(context.identity, 'video', ids),
          counters.onContent('video', published),
          counters.onUser(author),
        ])
        return answer({
          video_list: counted.map((video) => toDouyinVideo(video, countedAuthor, mediaUrl, followed, liked)),
        })
      }),
    },
  }
}
