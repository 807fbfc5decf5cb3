import { v1Contract } from '@fanone/contracts/gateway'
import { requireIdentity } from '@fanone/service-kit'
import type { Client } from '../calls/client.ts'
import type { Flags } from '../presenter/flags.ts'
import type { Presenter } from '../presenter/presenter.ts'
import { routesOf } from '../routing/request-context.ts'
import { toV1Video } from '../videos/videos.view.ts'

export function likesV1({
  interaction,
  flags,
  present,
}: {
  interaction: Client<'interaction'>
  flags: Flags
  present: Presenter
}) {
  const routes = routesOf(v1Contract.likes)
  const routesOfKind = (kind: 'video' | 'comment') => ({
    put: routes[kind].put.handler(async ({ input: { id }, context }) => {
      await interaction.likes.like({ target: { kind, id } }, { context: { identity: requireIdentity(context) } })
    }),
    delete: routes[kind].delete.handler(async ({ input: { id }, context }) => {
      await interaction.likes.unlike({ target: { kind, id } }, { context: { identity: requireIdentity(context) } })
    }),
  })
  return routes.router({
    video: routesOfKind('video'),
    comment: routesOfKind('comment'),
    getFlags: routes.getFlags.handler(async ({ input, context }) => {
      const viewer = requireIdentity(context)
      const [videoIds, commentIds] = await Promise.all([
        flags.liked(viewer, 'video', input.videoIds ?? []),
        flags.liked(viewer, 'comment', input.commentIds ?? []),
      ])
      return { videoIds, commentIds }
    }),
    listVideos: routes.listVideos.handler(async ({ input: { id: userId, ...page }, context }) => {
      const viewerId = context.identity?.userId
      const { items, nextCursor } = await interaction.likes.listByUser({ kind: 'video', userId, ...page, viewerId })
      return { items: (await present.likedVideos(items)).map(toV1Video), nextCursor }
    }),
  })
}
