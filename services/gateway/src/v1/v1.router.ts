import { JsonText } from '@fanone/contracts'
import { v1Contract } from '@fanone/contracts/gateway'
import { requireIdentity, ServiceError } from '@fanone/service-kit'
import { implement } from '@orpc/server'
import type { Request } from 'express'
import type { Admission, RouteContext } from '../http/admission.ts'
import { guard, type Services } from '../http/surface.ts'
import { v1Relations } from '../relations/relations.v1.ts'
import { toV1FeedItem, toV1Session, toV1User, toV1Video } from './v1.views.ts'

const KEYS_CACHE_CONTROL = 'public, max-age=300'

/** The handlers of the native API; `videos.publish` is answered by the upload handler. */
export function v1Router(admission: Admission, services: Services) {
  const { users, videos, feed, relations, keys, mediaUrl } = services
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
      search: api.videos.search.handler(async ({ input }) => {
        const { items, nextCursor } = await videos.search(input)
        return { items: items.map((video) => toV1Video(video, mediaUrl)), nextCursor }
      }),
      get: api.videos.get.handler(async ({ input }) => toV1Video(await videos.getOne(input.id), mediaUrl)),
      edit: api.videos.edit.handler(async ({ input, context }) => {
        return toV1Video(await videos.edit(requireIdentity(context), input), mediaUrl)
      }),
      delete: api.videos.delete.handler(({ input, context }) => videos.delete(requireIdentity(context), input.id)),
    },
    feeds: {
      newest: api.feeds.newest.handler(async ({ input, context }) => {
        const { items, nextCursor } = await feed.newest(input)
        const followed = await relations.followedBy(
          context.identity,
          items.map(({ author }) => author.id),
        )
        // The feed checked every card when it took it in.
        return new JsonText(
          JSON.stringify({ items: items.map((card) => toV1FeedItem(card, mediaUrl, followed)), nextCursor }),
        )
      }),
    },
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

/** @throws ServiceError `invalid_input` for a key that is not 1 to 255 printable ASCII characters */
function readIdempotencyKey(request: Request): string | undefined {
  const key = request.get('Idempotency-Key')
  if (key === undefined) return undefined
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key
  throw new ServiceError('invalid_input', { detail: 'Idempotency-Key must be 1 to 255 printable characters' })
}
