import { douyinContract } from '@fanone/contracts/gateway'
import type { Presenter } from '../presenter/presenter.ts'
import { routesOf } from '../routing/request-context.ts'
import { answer } from '../surfaces/douyin/douyin.envelope.ts'
import { nextTime, readLatestTime, toDouyinFeedItem } from './feeds.view.ts'
import type { Timelines } from './timelines.ts'

const FEED_SIZE = 30

export function feedsDouyin({ timelines, present }: { timelines: Timelines; present: Presenter }) {
  const routes = routesOf(douyinContract.feeds)
  return routes.router({
    newest: routes.newest.handler(async ({ input, context }) => {
      const beforeMs = readLatestTime(input.latest_time)
      const { items } = await timelines.between({ beforeMs, order: 'newestFirst', limit: FEED_SIZE })
      const shown = await present.cardsWithAuthorCounters(items, context.identity)
      return answer({ video_list: shown.map(toDouyinFeedItem), next_time: nextTime(items, beforeMs ?? Date.now()) })
    }),
  })
}
