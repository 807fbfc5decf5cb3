import { douyinContract } from '@fanone/contracts/gateway'
import { ServiceError } from '@fanone/service-kit'
import type { Client } from '../calls/client.ts'
import type { Presenter } from '../presenter/presenter.ts'
import { routesOf } from '../routing/request-context.ts'
import { allPages } from '../surfaces/douyin/all-pages.ts'
import { answer } from '../surfaces/douyin/douyin.envelope.ts'
import { toDouyinVideo } from './videos.view.ts'

export function videosDouyin({ video, present }: { video: Client<'video'>; present: Presenter }) {
  const routes = routesOf(douyinContract.videos)
  return routes.router({
    list: routes.list.handler(async ({ input: { user_id: authorId }, context: { identity } }) => {
      const [[author], published] = await Promise.all([
        present.authorsById([authorId], identity),
        allPages((page) => video.videos.listByAuthor({ authorId, ...page })),
      ])
      if (!author) throw new ServiceError('user_not_found')
      const shown = await present.videos(published, identity)
      return answer({ video_list: shown.map((one) => toDouyinVideo({ ...one, author })) })
    }),
  })
}
