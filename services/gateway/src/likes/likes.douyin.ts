import { douyinContract } from '@fanone/contracts/gateway'
import { requireIdentity } from '@fanone/service-kit'
import type { Client } from '../calls/client.ts'
import type { Presenter } from '../presenter/presenter.ts'
import { routesOf } from '../routing/request-context.ts'
import { allPages } from '../surfaces/douyin/all-pages.ts'
import { answer } from '../surfaces/douyin/douyin.envelope.ts'
import { toDouyinVideo } from '../videos/videos.view.ts'

export function likesDouyin({ interaction, present }: { interaction: Client<'interaction'>; present: Presenter }) {
  const routes = routesOf(douyinContract.likes)
  return routes.router({
    action: routes.action.handler(async ({ input: { video_id: id, action_type: action }, context }) => {
      const call = { context: { identity: requireIdentity(context) } }
      await interaction.likes[action]({ target: { kind: 'video', id } }, call)
      return answer({})
    }),
    list: routes.list.handler(async ({ input: { user_id: userId }, context }) => {
      const viewerId = context.identity?.userId
      const likes = await allPages((page) => interaction.likes.listByUser({ kind: 'video', userId, ...page, viewerId }))
      const shown = await present.likedVideosWithAuthors(likes, context.identity)
      return answer({ video_list: shown.map(toDouyinVideo) })
    }),
  })
}
