import type { CommentPage, ContentRef } from '@fanone/contracts'
import { v1Contract } from '@fanone/contracts/gateway'
import { requireIdentity } from '@fanone/service-kit'
import type { Client } from '../calls/client.ts'
import type { Presenter, Viewer } from '../presenter/presenter.ts'
import { type RequestContext, routesOf } from '../routing/request-context.ts'
import { readIdempotencyKey } from '../surfaces/v1/idempotency-key.ts'
import { toV1Comment } from './comments.view.ts'

export function commentsV1({
  interaction: { comments },
  present,
}: {
  interaction: Client<'interaction'>
  present: Presenter
}) {
  const routes = routesOf(v1Contract.comments)
  const write = async (target: ContentRef, text: string, context: RequestContext) => {
    const idempotencyKey = readIdempotencyKey(context.request)
    const call = { context: { identity: requireIdentity(context), idempotencyKey } }
    return toV1Comment(await present.newComment(await comments.create({ target, text }, call)))
  }
  const show = async (page: CommentPage, viewer: Viewer) => ({
    items: (await present.commentsWithAuthors(page, viewer)).map(toV1Comment),
    nextCursor: page.nextCursor,
  })
  return routes.router({
    list: routes.list.handler(async ({ input: { id, ...page }, context: { identity } }) =>
      show(await comments.list({ target: { kind: 'video', id }, ...page, viewerId: identity?.userId }), identity),
    ),
    create: routes.create.handler(({ input: { id, text }, context }) => write({ kind: 'video', id }, text, context)),
    listReplies: routes.listReplies.handler(async ({ input: { id: commentId, ...page }, context: { identity } }) =>
      show(await comments.replies({ commentId, ...page, viewerId: identity?.userId }), identity),
    ),
    reply: routes.reply.handler(({ input: { id, text }, context }) => write({ kind: 'comment', id }, text, context)),
    delete: routes.delete.handler(async ({ input, context }) => {
      await comments.delete(input, { context: { identity: requireIdentity(context) } })
    }),
  })
}
