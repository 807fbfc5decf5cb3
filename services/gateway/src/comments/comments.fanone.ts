import { fanoneContract } from '@fanone/contracts/gateway'
import { requireIdentity } from '@fanone/service-kit'
import type { Client } from '../calls/client.ts'
import type { Presenter } from '../presenter/presenter.ts'
import { routesOf } from '../routing/request-context.ts'
import { toNotYourComment } from '../surfaces/compat/compat-codes.ts'
import { answer, done, toOffset } from '../surfaces/fanone/fanone.envelope.ts'
import { targetOf } from '../surfaces/fanone/fanone.target.ts'
import { toFanoneComment } from './comments.view.ts'

export function commentsFanone({
  interaction: { comments },
  present,
}: {
  interaction: Client<'interaction'>
  present: Presenter
}) {
  const routes = routesOf(fanoneContract.comments)
  return routes.router({
    publish: routes.publish.handler(async ({ input: { content: text, ...ids }, context }) => {
      await comments.create({ target: targetOf(ids), text }, { context: { identity: requireIdentity(context) } })
      return done()
    }),
    list: routes.list.handler(async ({ input: { video_id, comment_id, ...paging } }) => {
      const target = targetOf({ video_id, comment_id })
      const page = toOffset(paging)
      const found = await (target.kind === 'comment'
        ? comments.replies({ commentId: target.id, ...page })
        : comments.list({ target, ...page }))
      return answer({ items: present.comments(found).map(toFanoneComment) })
    }),
    delete: routes.delete.handler(async ({ input: { comment_id: id }, context }) => {
      const call = { context: { identity: requireIdentity(context) } }
      await comments.delete({ id, onlyOwn: true }, call).catch(toNotYourComment)
      return done()
    }),
  })
}
