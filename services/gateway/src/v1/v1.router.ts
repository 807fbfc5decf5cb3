import { JsonText } from '@fanone/contracts'
import { v1Contract } from '@fanone/contracts/gateway'
import { requireIdentity } from '@fanone/service-kit'
import { implement } from '@orpc/server'
import type { Admission, RouteContext } from '../http/admission.ts'
import { guard, type Services } from '../http/surface.ts'
import { readIdempotencyKey } from './idempotency-key.ts'
import { toV1FeedItem, toV1Session, toV1User, toV1Video } from './v1.views.ts'

const KEYS_CACHE_CONTROL = 'public, max-age=300'

/** The handlers of the native API; `videos.publish` is answered by the upload handler. */
export function v1Router(admission: Admission, services: Services) {
  const { users, videos, feed, keys, mediaUrl } = services
  const api = implement(v1Contract).$context<RouteContext>().use(guard(admission))
  return {
    users: {
      register: api.users.register.handler(async ({ input, context }) => {
        const signedIn = await users.register(input, readIdempotencyKey(context.request))
        context.response.set({ 'Cache-Control': 'no-store', Location: `/v1/users/${signedIn.user.id}` })
        return toV1Session(signedIn, mediaUrl)
      }),
      getMany: api.users.getMany.handler(async ({ input }) => {
        const profiles = await users.getMany(input.ids)
        return { items: profiles.map((profile) => toV1User(profile, mediaUrl)) }
      }),
      getMe: api.users.getMe.handler(async ({ context }) => {
        const { userId } = requireIdentity(context)
        return toV1User(await users.getOne(userId), mediaUrl)
      }),
      editMe: api.users.editMe.handler(async ({ input, context }) => {
        return toV1User(await users.edit(requireIdentity(context), input), mediaUrl)
      }),
      get: api.users.get.handler(async ({ input }) => toV1User(await users.getOne(input.id), mediaUrl)),
      listVideos: api.users.listVideos.handler(async ({ input: { id, ...page } }) => {
        const { items, nextCursor } = await videos.listByAuthor({ authorId: id, ...page })
        return { items: items.map((video) => toV1Video(video, mediaUrl)), nextCursor }
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
      get: api.videos.get.handler(async ({ input }) => toV1Video(await videos.getOne(input.id), mediaUrl)),
      edit: api.videos.edit.handler(async ({ input, context }) => {
        return toV1Video(await videos.edit(requireIdentity(context), input), mediaUrl)
      }),
      delete: api.videos.delete.handler(({ input, context }) => videos.delete(requireIdentity(context), input.id)),
    },
    feeds: {
      newest: api.feeds.newest.handler(async ({ input }) => {
        const { items, nextCursor } = await feed.newest(input)
        // The feed checked every card when it took it in.
        return new JsonText(JSON.stringify({ items: items.map((card) => toV1FeedItem(card, mediaUrl)), nextCursor }))
      }),
    },
    keys: {
      list: api.keys.list.handler(async ({ context }) => {
        const published = await keys.list()
        context.response.set('Cache-Control', KEYS_CACHE_CONTROL)
        return { keys: published }
      }),
    },
  }
}
