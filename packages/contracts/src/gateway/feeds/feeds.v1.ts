import { orText } from '../../json-text.ts'
import { RankingPeriod } from '../../stats.ts'
import { caches, rateLimits, route } from '../route.ts'
import { Paging, page, V1FeedItem } from '../surfaces/v1.ts'

/** Pages of videos with their authors. */
export const feeds = {
  newest: route({
    method: 'GET',
    path: '/v1/feeds/newest',
    summary: 'The newest videos; pages neither repeat nor skip. Without a token the answer may be a second old',
    tag: 'feeds',
    access: 'optional',
    rateLimit: rateLimits.feed,
    cache: caches.feed,
    errors: ['malformed_cursor'],
  })
    .input(Paging)
    .output(orText(page(V1FeedItem))),
  popular: route({
    method: 'GET',
    path: '/v1/feeds/popular',
    summary:
      'The most visited videos of the last hour, day, week or of all times; a cursor goes on in the same ranking',
    tag: 'feeds',
    access: 'optional',
    rateLimit: rateLimits.feed,
    cache: caches.list,
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
