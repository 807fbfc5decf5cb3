import { orText } from '../json-text.ts'
import { RankingPeriod } from '../stats.ts'
import { rateLimits, route } from './route.ts'
import { Paging, page, V1FeedItem } from './v1.models.ts'

/** Feeds that are made of what people do: visit and follow. */
export const socialFeeds = {
  popular: route({
    method: 'GET',
    path: '/v1/feeds/popular',
    summary:
      'The most visited videos of the last hour, day, week or of all times; a cursor goes on in the same ranking',
    tag: 'feeds',
    access: 'optional',
    rateLimit: rateLimits.feed,
    errors: ['malformed_cursor'],
  })
    .input(Paging.extend({ period: RankingPeriod.default('day') }))
    .output(orText(page(V1FeedItem))),
  following: route({
    method: 'GET',
    path: '/v1/feeds/following',
    summary: 'The videos of those the caller follows, newest first',
    tag: 'feeds',
    access: 'user',
    rateLimit: rateLimits.feed,
    errors: ['malformed_cursor'],
  })
    .input(Paging)
    .output(orText(page(V1FeedItem))),
}
