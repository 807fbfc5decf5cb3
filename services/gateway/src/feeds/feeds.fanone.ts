import type { Card } from '@fanone/contracts'
import { fanoneContract } from '@fanone/contracts/gateway'
import type { Presenter } from '../presenter/presenter.ts'
import { routesOf } from '../routing/request-context.ts'
import { answer, toOffset } from '../surfaces/fanone/fanone.envelope.ts'
import { endOfSecond, toFanoneFeedItem } from './feeds.view.ts'
import type { Timelines } from './timelines.ts'

const FEED_SIZE = 20

export function feedsFanone({ timelines, present }: { timelines: Timelines; present: Presenter }) {
  const routes = routesOf(fanoneContract.feeds)
  const show = async ({ items }: { items: Card[] }) =>
    answer({ items: (await present.cards(items)).map(toFanoneFeedItem) })
  return routes.router({
    /** Oldest first after a time, so that clients that continue from the last one miss none. */
    newest: routes.newest.handler(async ({ input: { latest_time: latestTimeMs } }) =>
      show(
        await timelines.between(
          latestTimeMs
            ? { afterMs: endOfSecond(latestTimeMs), order: 'oldestFirst', limit: FEED_SIZE }
            : { order: 'newestFirst', limit: FEED_SIZE },
        ),
      ),
    ),
    popular: routes.popular.handler(async ({ input }) =>
      show(await timelines.popular({ period: 'all', ...toOffset(input) })),
    ),
  })
}
