import { type Card, JsonText } from '@fanone/contracts'
import { type V1FeedItem, v1Contract } from '@fanone/contracts/gateway'
import { type Identity, requireIdentity } from '@fanone/service-kit'
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
  const { users, videos, feed, counters, likes, relations, keys, mediaUrl } = services
  const api = implement(v1Contract).$context<RouteContext>().use(guard(admission))
  /** Cards with the flags of who looks at them; that they fit was checked when the feed took them in. */
  const toPage = async (page: { items: Card[]; nextCursor: string | null }, viewer: Identity | undefined) => {
    const { items, nextCursor } = page
    const [followed, liked] = await Promise.all([
      relations.followedBy(
        viewer,
        items.map(({ author }) => author.id),
      ),
      likes.likedBy(viewer, 'video', idsOf(items)),
    ])
    return new JsonText<{ items: V1FeedItem[]; nextCursor: string | null }>(
      JSON.stringify({ items: items.map((card) => toV1FeedItem(card, mediaUrl, followed, liked)), nextCursor }),
    )
  }
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
        const counted = await counters.onUsers(profiles)
        return { items: counted.map((profile) => toV1User(profile, mediaUrl, followed)) }
      }),
      getMe: api.users.getMe.handler(async ({ context }) => {
        const { userId } = requireIdentity(context)
        return toV1User(await counters.onUser(await users.getOne(userId)), mediaUrl)
      }),
      editMe: api.users.editMe.handler(async ({ input, context }) => {
        return toV1User(await counters.onUser(await users.edit(requireIdentity(context), input)), mediaUrl)
      }),
      get: api.users.get.handler(async ({ input: { id }, context }) => {
        const [profile, followed] = await Promise.all([users.getOne(id), relations.followedBy(context.identity, [id])])
        return toV1User(await counters.onUser(profile), mediaUrl, followed)
      }),
      listVideos: api.users.listVideos.handler(async ({ input: { id, ...page }, context }) => {
        const { items, nextCursor } = await videos.listByAuthor({ authorId: id, ...page })
        const [liked, counted] = await Promise.all([
          likes.likedBy(context.identity, 'video', idsOf(items)),
          counters.onContent('video', items),
        ])
        return { items: counted.map((video) => toV1Video(video, mediaUrl, liked)), nextCursor }
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
      get: api.videos.get.handler(async ({ input: { id }, context }) => {
        const [video, liked] = await Promise.all([videos.getOne(id), likes.likedBy(context.identity, 'video', [id])])
        return toV1Video(await counters.onVideo(video), mediaUrl, liked)
      }),
      search: api.videos.search.handler(async ({ input, context }) => {
        const { items, nextCursor } = await videos.search(input)
        const [liked, counted] = await Promise.all([
          likes.likedBy(context.identity, 'video', idsOf(items)),
          counters.onContent('video', items),
        ])
        return { items: counted.map((video) => toV1Video(video, mediaUrl, liked)), nextCursor }
      }),
      edit: api.videos.edit.handler(async ({ input, context }) => {
        const author = requireIdentity(context)
        const video = await videos.edit(author, input)
        const [liked, counted] = await Promise.all([
          likes.likedBy(author, 'video', [video.id]),
          counters.onVideo(video),
        ])
        return toV1Video(counted, mediaUrl, liked)
      }),
      delete: api.videos.delete.handler(({ input, context }) => videos.delete(requireIdentity(context), input.id)),
    },
    feeds: {
      newest: api.feeds.newest.handler(async ({ input, context }) =>
        toPage(await feed.newest(input), context.identity),
      ),
      popular: api.feeds.popular.handler(async ({ input, context }) => {
        return toPage(await feed.popular(input), context.identity)
      }),
      following: api.feeds.following.handler(async ({ input, context }) => {
        const viewer = requireIdentity(context)
        return toPage(await feed.following({ ...input, userId: viewer.userId }), viewer)
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
