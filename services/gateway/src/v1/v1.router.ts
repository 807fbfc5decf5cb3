import { type Card, JsonText } from '@fanone/contracts'
import { type V1FeedItem, v1Contract } from '@fanone/contracts/gateway'
import { requireIdentity, ServiceError } from '@fanone/service-kit'
import { implement } from '@orpc/server'
import type { Request } from 'express'
import type { Admission, RouteContext } from '../http/admission.ts'
import { guard, type Services } from '../http/surface.ts'
import { toV1FeedItem, toV1Session, toV1User, toV1Video } from './v1.views.ts'

const KEYS_CACHE_CONTROL = 'public, max-age=300'

/** The handlers of the native API; `videos.publish` is answered by the upload handler. */
export function v1Router(admission: Admission, services: Services) {
  const { users, videos, feed, counters, keys, mediaUrl } = services
  const api = implement(v1Contract).$context<RouteContext>().use(guard(admission))
  // The feed checked every card when it took it in.
  const toPage = ({ items, nextCursor }: { items: Card[]; nextCursor: string | null }) =>
    new JsonText<{ items: V1FeedItem[]; nextCursor: string | null }>(
      JSON.stringify({ items: items.map((card) => toV1FeedItem(card, mediaUrl)), nextCursor }),
    )
  return {
    users: {
      register: api.users.register.handler(async ({ input, context }) => {
        const signedIn = await users.register(input, readIdempotencyKey(context.request))
        context.response.set({ 'Cache-Control': 'no-store', Location: `/v1/users/${signedIn.user.id}` })
        return toV1Session(signedIn, mediaUrl)
      }),
      getMany: api.users.getMany.handler(async ({ input }) => {
        const profiles = await counters.onUsers(await users.getMany(input.ids))
        return { items: profiles.map((profile) => toV1User(profile, mediaUrl)) }
      }),
      getMe: api.users.getMe.handler(async ({ context }) => {
        const { userId } = requireIdentity(context)
        return toV1User(await counters.onUser(await users.getOne(userId)), mediaUrl)
      }),
      editMe: api.users.editMe.handler(async ({ input, context }) => {
        return toV1User(await counters.onUser(await users.edit(requireIdentity(context), input)), mediaUrl)
      }),
      get: api.users.get.handler(async ({ input }) => {
        return toV1User(await counters.onUser(await users.getOne(input.id)), mediaUrl)
      }),
      listVideos: api.users.listVideos.handler(async ({ input: { id, ...page } }) => {
        const { items, nextCursor } = await videos.listByAuthor({ authorId: id, ...page })
        const counted = await counters.onContent('video', items)
        return { items: counted.map((video) => toV1Video(video, mediaUrl)), nextCursor }
      }),
    },
    sessions: {
      logIn: api.sessions.logIn.handler(async ({ input, context }) => {
        const { user, tokens } = await users.logIn(input, String(context.request.ip))
        context.response.set('Cache-Control', 'no-store')
        return toV1Session({ user: await counters.onUser(user), tokens }, mediaUrl)
      }),
      refresh: api.sessions.refresh.handler(async ({ input, context }) => {
        const { user, tokens } = await users.refresh(input.refreshToken)
        context.response.set('Cache-Control', 'no-store')
        return toV1Session({ user: await counters.onUser(user), tokens }, mediaUrl)
      }),
      logOut: api.sessions.logOut.handler(({ context }) => users.logOut(requireIdentity(context))),
    },
    videos: {
      get: api.videos.get.handler(async ({ input }) => {
        return toV1Video(await counters.onVideo(await videos.getOne(input.id)), mediaUrl)
      }),
      edit: api.videos.edit.handler(async ({ input, context }) => {
        return toV1Video(await counters.onVideo(await videos.edit(requireIdentity(context), input)), mediaUrl)
      }),
      delete: api.videos.delete.handler(({ input, context }) => videos.delete(requireIdentity(context), input.id)),
    },
    feeds: {
      newest: api.feeds.newest.handler(async ({ input }) => toPage(await feed.newest(input))),
      popular: api.feeds.popular.handler(async ({ input }) => toPage(await feed.popular(input))),
      following: api.feeds.following.handler(async ({ input, context }) => {
        return toPage(await feed.following({ ...input, userId: requireIdentity(context).userId }))
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

/** @throws ServiceError `invalid_input` for a key that is not 1 to 255 printable ASCII characters */
function readIdempotencyKey(request: Request): string | undefined {
  const key = request.get('Idempotency-Key')
  if (key === undefined) return undefined
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key
  throw new ServiceError('invalid_input', { detail: 'Idempotency-Key must be 1 to 255 printable characters' })
}
