import { JsonText } from '@fanone/contracts'
import { v1Contract } from '@fanone/contracts/gateway'
import { requireIdentity } from '@fanone/service-kit'
import { implement } from '@orpc/server'
import type { Admission, RouteContext } from '../http/admission.ts'
import { guard, type Services } from '../http/surface.ts'
import { v1Comments, v1Likes, v1Visits } from '../interactions/interactions.v1.ts'
import { v1Relations } from '../relations/relations.v1.ts'
import { readIdempotencyKey } from './idempotency-key.ts'
import { toV1FeedItem, toV1Session, toV1User, toV1Video } from './v1.views.ts'

const KEYS_CACHE_CONTROL = 'public, max-age=300'

/** The handlers of the native API; `videos.publish` is answered by the upload handler. */
export function v1Router(admission: Admission, services: Services) {
  const { users, videos, feed, likes, relations, keys, mediaUrl } = services
  const api = implement(v1Contract).$context<RouteContext>().use(guard(admission))
  return {
    users: {
      register: api.users.register.handler(async ({ input, context }) => {
        const signedIn = await users.register(input, readIdempotencyKey(context.request))
        context.response.set({ 'Cache-Control': 'no-store', Location: `/v1/users/${signedIn.user.id}` })
        return toV1Session(signedIn, mediaUrl)
      }),
      getMany: api.users.getMany.handler(async ({ input, context }) => {
        const [profiles, followed] = await Promise.all([
          users.getMany(input.ids),
          relations.followedBy(context.identity, input.ids),
        ])
        return { items: profiles.map((profile) => toV1User(profile, mediaUrl, followed)) }
      }),
      getMe: api.users.getMe.handler(async ({ context }) => {
        const { userId } = requireIdentity(context)
        return toV1User(await users.getOne(userId), mediaUrl)
      }),
      editMe: api.users.editMe.handler(async ({ input, context }) => {
        return toV1User(await users.edit(requireIdentity(context), input), mediaUrl)
      }),
      get: api.users.get.handler(async ({ input: { id }, context }) => {
        const [profile, followed] = await Promise.all([users.getOne(id), relations.followedBy(context.identity, [id])])
        return toV1User(profile, mediaUrl, followed)
      }),
      listVideos: api.users.listVideos.handler(async ({ input: { id, ...page }, context }) => {
        const { items, nextCursor } = await videos.listByAuthor({ authorId: id, ...page })
        const liked = await likes.likedBy(context.identity, 'video', idsOf(items))
        return { items: items.map((video) => toV1Video(video, mediaUrl, liked)), nextCursor }
      }),
    },
    sessions: {
      logIn: api.sessions.logIn.handler(async ({ input, context }) => {
        const signedIn = await users.logIn(input, String(context.request.ip))
        context.response.set('Cache-Control', 'no-store')
        return toV1Session(signedIn, mediaUrl)
      }),
      refresh: api.sessions.refresh.handler(async ({ input, context }) => {
        const signedIn = await users.refresh(input.refreshToken)
        context.response.set('Cache-Control', 'no-store')
        return toV1Session(signedIn, mediaUrl)
      }),
      logOut: api.sessions.logOut.handler(({ context }) => users.logOut(requireIdentity(context))),
    },
    videos: {
      get: api.videos.get.handler(async ({ input: { id }, context }) => {
        const [video, liked] = await Promise.all([videos.getOne(id), likes.likedBy(context.identity, 'video', [id])])
        return toV1Video(video, mediaUrl, liked)
      }),
      search: api.videos.search.handler(async ({ input, context }) => {
        const { items, nextCursor } = await videos.search(input)
        const liked = await likes.likedBy(context.identity, 'video', idsOf(items))
        return { items: items.map((video) => toV1Video(video, mediaUrl, liked)), nextCursor }
      }),
      edit: api.videos.edit.handler(async ({ input, context }) => {
        const author = requireIdentity(context)
        const video = await videos.edit(author, input)
        return toV1Video(video, mediaUrl, await likes.likedBy(author, 'video', [video.id]))
      }),
      delete: api.videos.delete.handler(({ input, context }) => videos.delete(requireIdentity(context), input.id)),
    },
    feeds: {
      newest: api.feeds.newest.handler(async ({ input, context }) => {
        const { items, nextCursor } = await feed.newest(input)
        const [followed, liked] = await Promise.all([
          relations.followedBy(
            context.identity,
            items.map(({ author }) => author.id),
          ),
          likes.likedBy(context.identity, 'video', idsOf(items)),
        ])
        // The feed checked every card when it took it in.
        return new JsonText(
          JSON.stringify({ items: items.map((card) => toV1FeedItem(card, mediaUrl, followed, liked)), nextCursor }),
        )
      }),
    },
    likes: v1Likes(admission, services),
    comments: v1Comments(admission, services),
    visits: v1Visits(admission, services),
    relations: v1Relations(admission, services),
    keys: {
      list: api.keys.list.handler(async ({ context }) => {
        const published = await keys.list()
        context.response.set('Cache-Control', KEYS_CACHE_CONTROL)
        return { keys: published }
      }),
    },
  }
}

const idsOf = (items: { id: number }[]) => items.map(({ id }) => id)
