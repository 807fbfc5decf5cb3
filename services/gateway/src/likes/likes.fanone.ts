import { fanoneContract } from '@fanone/contracts/gateway'
import { requireIdentity } from '@fanone/service-kit'
import type { Client } from '../calls/client.ts'
import type { Presenter } from '../presenter/presenter.ts'
import { routesOf } from '../routing/request-context.ts'
import { CompatError, compatCodes } from '../surfaces/compat/compat-codes.ts'
import { answer, done, toOffset } from '../surfaces/fanone/fanone.envelope.ts'
import { targetOf } from '../surfaces/fanone/fanone.target.ts'
import { toFanoneVideo } from '../videos/videos.view.ts'

export function likesFanone({ interaction, present }: { interaction: Client<'interaction'>; present: Presenter }) {
  const routes = routesOf(fanoneContract.likes)
  return routes.router({
    action: routes.action.handler(async ({ input: { action_type: action, ...ids }, context }) => {
      const call = { context: { identity: requireIdentity(context) } }
      const { changed } = await interaction.likes[action]({ target: targetOf(ids) }, call)
      if (!changed) throw refusals[action]()
      return done()
    }),
    list: routes.list.handler(async ({ input: { user_id: id, ...paging }, context }) => {
      const userId = id ?? requireIdentity(context).userId
      const { items } = await interaction.likes.listByUser({ kind: 'video', userId, ...toOffset(paging) })
      const shown = await present.likedVideos(items)
      return answer({ items: shown.map(toFanoneVideo) })
    }),
  })
}

/** This API refuses what changes nothing. */
const refusals = {
  like: () => new CompatError(compatCodes.alreadyLiked, 'This is liked already'),
  unlike: () => new CompatError(compatCodes.notLiked, 'This is not liked'),
}
