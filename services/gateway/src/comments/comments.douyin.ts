import type { Profile } from '@fanone/contracts'
import { douyinContract } from '@fanone/contracts/gateway'
import { requireIdentity } from '@fanone/service-kit'
import type { Client } from '../calls/client.ts'
import type { Presenter } from '../presenter/presenter.ts'
import { routesOf } from '../routing/request-context.ts'
import { toNotYourComment } from '../surfaces/compat/compat-codes.ts'
import { required } from '../surfaces/compat/required.ts'
import { allPages } from '../surfaces/douyin/all-pages.ts'
import { answer } from '../surfaces/douyin/douyin.envelope.ts'
import { toDouyinComment } from './comments.view.ts'

export function commentsDouyin({
  interaction: { comments },
  present,
}: {
  interaction: Client<'interaction'>
  present: Presenter
}) {
  const routes = routesOf(douyinContract.comments)
  return routes.router({
    action: routes.action.handler(async ({ input, context }) => {
      const identity = requireIdentity(context)
      if (input.action_type === 'delete') {
        const id = required(input.comment_id, 'comment_id')
        await comments.delete({ id }, { context: { identity } }).catch(toNotYourComment)
        return answer({})
      }
      const target = { kind: 'video', id: input.video_id } as const
      const text = required(input.comment_text, 'comment_text')
      const [comment, author] = await Promise.all([
        comments.create({ target, text }, { context: { identity } }),
        present.userById(identity.userId),
      ])
      return answer({ comment: toDouyinComment({ comment, author }) })
    }),
    list: routes.list.handler(async ({ input: { video_id: id }, context }) => {
      const authors: Profile[] = []
      const items = await allPages(async (paging) => {
        const page = await comments.list({ target: { kind: 'video', id }, ...paging })
        authors.push(...page.authors)
        return page
      })
      const shown = await present.commentsWithWholeAuthors({ items, authors }, context.identity)
      return answer({ comment_list: shown.map(toDouyinComment) })
    }),
  })
}
