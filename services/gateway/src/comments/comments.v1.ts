import type { ContentRef } from '@fanone/contracts'
import { v1Contract } from '@fanone/contracts/gateway'
import { requireIdentity } from '@fanone/service-kit'
import type { Client } from '../calls/client.ts'
import type { Presenter } from '../presenter/presenter.ts'
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
  return routes.router({
    list: routes.list.handler(async ({ input: { id, ...page }, context }) => {
      const { items, nextCursor } = await comments.list({ target: { kind: 'video', id }, ...page })
      return { items: (await present.commentsWithAuthors(items, context.identity)).map(toV1Comment), nextCursor }
    }),
    create: routes.create.handler(({ input: { id, text }, context }) => write({ kind: 'video', id }, text, context)),
    listReplies: routes.listReplies.handler(async ({ input: { id: commentId, ...page }, context }) => {
      const { items, nextCursor } = await comments.replies({ commentId, ...page })
      return { items: (await present.commentsWithAuthors(items, context.identity)).map(toV1Comment), nextCursor }
    }),
    reply: routes.reply.handler(({ input: { id, text }, context }) => write({ kind: 'comment', id }, text, context)),
    delete: routes.delete.handler(async ({ input, context }) => {
      await comments.delete(input, { context: { identity: requireIdentity(context) } })
    }),
  })
}
