import type { Video } from '@fanone/contracts'
import { fanoneContract } from '@fanone/contracts/gateway'
import type { Client } from '../calls/client.ts'
import type { Presenter } from '../presenter/presenter.ts'
import { routesOf } from '../routing/request-context.ts'
import { answer, toOffset } from '../surfaces/fanone/fanone.envelope.ts'
import { toFanoneVideo } from './videos.view.ts'

export function videosFanone({ video, present }: { video: Client<'video'>; present: Presenter }) {
  const routes = routesOf(fanoneContract.videos)
  const show = async ({ items, total }: { items: Video[]; total: number }) =>
    answer({ items: (await present.videos(items)).map(toFanoneVideo), total })
  return routes.router({
    list: routes.list.handler(async ({ input: { user_id: authorId, ...paging } }) =>
      show(await video.videos.pageByAuthor({ authorId, ...toOffset(paging) })),
    ),
    search: routes.search.handler(async ({ input }) => {
      const { keywords: keyword, username: authorName = '', from_date: fromMs, to_date: toMs, ...paging } = input
      return show(await video.videos.searchPage({ keyword, authorName, fromMs, toMs, ...toOffset(paging) }))
    }),
  })
}
