import { type Card, JsonText } from '@fanone/contracts'
import { type V1FeedItem, v1Contract } from '@fanone/contracts/gateway'
import { requireIdentity } from '@fanone/service-kit'
import type { Presenter, Viewer } from '../presenter/presenter.ts'
import type { ShownCard } from '../presenter/shown.ts'
import { routesOf } from '../routing/request-context.ts'
import { toV1FeedItem } from './feeds.view.ts'
import type { Timelines } from './timelines.ts'

export function feedsV1({ timelines, present }: { timelines: Timelines; present: Presenter }) {
  const routes = routesOf(v1Contract.feeds)
  /** As text: that cards fit their schema was checked when the feed took them in. */
  const toText = (cards: ShownCard[], nextCursor: string | null) =>
    new JsonText<{ items: V1FeedItem[]; nextCursor: string | null }>(
      JSON.stringify({ items: cards.map(toV1FeedItem), nextCursor }),
    )
  const show = async ({ items, nextCursor }: { items: Card[]; nextCursor: string | null }, viewer: Viewer) =>
    toText(await present.cards(items, viewer), nextCursor)
  return routes.router({
    newest: routes.newest.handler(async ({ input, context }) => show(await timelines.newest(input), context.identity)),
    popular: routes.popular.handler(async ({ input, context }) =>
      show(await timelines.popular(input), context.identity),
    ),
    following: routes.following.handler(async ({ input, context }) => {
      const viewer = requireIdentity(context)
      const { items, nextCursor } = await timelines.following({ ...input, userId: viewer.userId })
      return toText(await present.cardsOfFollowed(items, viewer), nextCursor)
    }),
  })
}
