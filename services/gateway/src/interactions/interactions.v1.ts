import type { Comment } from '@fanone/contracts'
import { v1Contract } from '@fanone/contracts/gateway'
import { type Identity, requireIdentity } from '@fanone/service-kit'
import { implement } from '@orpc/server'
import type { Admission, RouteContext } from '../http/admission.ts'
import { guard, type Services } from '../http/surface.ts'
import { clientOf } from '../limits/rate-limiter.ts'
import { readIdempotencyKey } from '../v1/idempotency-key.ts'
import { toV1Comment, toV1Video } from '../v1/v1.views.ts'

/** The handlers of the native API about who likes what. */
export function v1Likes(admission: Admission, { likes, videos, counters, mediaUrl }: Services) {
  const api = implement(v1Contract.likes).$context<RouteContext>().use(guard(admission))
  const routesOf = (kind: 'video' | 'comment') => ({
    put: api[kind].put.handler(async ({ input: { id }, context }) => {
      await likes.like(requireIdentity(context), { kind, id })
    }),
    delete: api[kind].delete.handler(async ({ input: { id }, context }) => {
      await likes.unlike(requireIdentity(context), { kind, id })
    }),
  })
  return {
    video: routesOf('video'),
    comment: routesOf('comment'),
    getFlags: api.getFlags.handler(async ({ input, context }) => {
      const viewer = requireIdentity(context)
      const [videoIds, commentIds] = await Promise.all([
        likes.flags(viewer, 'video', input.videoIds ?? []),
        likes.flags(viewer, 'comment', input.commentIds ?? []),
      ])
      return { videoIds, commentIds }
    }),
    listVideos: api.listVideos.handler(async ({ input: { id: userId, ...page }, context }) => {
      const { videoIds, nextCursor } = await likes.listVideos({ userId, ...page })
      const [found, liked] = await Promise.all([
        videos.getEach(videoIds),
        likes.likedBy(context.identity, 'video', videoIds),
      ])
      const counted = await counters.onContent('video', found)
      return { items: counted.map((video) => toV1Video(video, mediaUrl, liked)), nextCursor }
    }),
  }
}

/** The handlers of the native API about comments. */
export function v1Comments(admission: Admission, services: Services) {
  const { comments } = services
  const api = implement(v1Contract.comments).$context<RouteContext>().use(guard(admission))
  return {
    list: api.list.handler(async ({ input: { id, ...page }, context }) => {
      const { items, nextCursor } = await comments.list({ kind: 'video', id }, page)
      return { items: await showComments(items, context.identity, services), nextCursor }
    }),
    create: api.create.handler(async ({ input: { id, text }, context }) => {
      const key = readIdempotencyKey(context.request)
      const target = { kind: 'video', id } as const
      return showOne(await comments.create(requireIdentity(context), { target, text }, key), services)
    }),
    listReplies: api.listReplies.handler(async ({ input: { id, ...page }, context }) => {
      const { items, nextCursor } = await comments.replies(id, page)
      return { items: await showComments(items, context.identity, services), nextCursor }
    }),
    reply: api.reply.handler(async ({ input: { id, text }, context }) => {
      const key = readIdempotencyKey(context.request)
      const target = { kind: 'comment', id } as const
      return showOne(await comments.create(requireIdentity(context), { target, text }, key), services)
    }),
    delete: api.delete.handler(({ input: { id }, context }) => comments.delete(requireIdentity(context), { id })),
  }
}

/** The handlers of the native API about visits. */
export function v1Visits(admission: Admission, { visits }: Services) {
  const api = implement(v1Contract.visits).$context<RouteContext>().use(guard(admission))
  return {
    record: api.record.handler(async ({ input: { id }, context: { identity, request } }) => {
      const viewer = { identity, address: clientOf(request, undefined) }
      return { counted: await visits.record({ kind: 'video', id }, viewer) }
    }),
  }
}

/** Comments with their authors and what the viewer likes of them. */
async function showComments(items: Comment[], viewer: Identity | undefined, services: Services) {
  const { users, likes, relations, counters, mediaUrl } = services
  const userIds = [...new Set(items.map((comment) => comment.userId))]
  const ids = items.map((comment) => comment.id)
  const [authors, followed, liked, counted] = await Promise.all([
    users.getEach(userIds),
    relations.followedBy(viewer, userIds),
    likes.likedBy(viewer, 'comment', ids),
    counters.onContent('comment', items),
  ])
  const authorOf = new Map(authors.map((author) => [author.id, author]))
  return counted.flatMap((comment) => {
    const author = authorOf.get(comment.userId)
    return author ? toV1Comment(comment, author, mediaUrl, { followed, liked }) : []
  })
}

/** What the caller has just written; nobody can like it yet. */
async function showOne(comment: Comment, { users, mediaUrl }: Services) {
  return toV1Comment(comment, await users.getOne(comment.userId), mediaUrl)
}
