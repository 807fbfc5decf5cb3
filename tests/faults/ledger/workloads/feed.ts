import type { V1FeedItem } from '@fanone/contracts/gateway'
import type { Api } from '../../../support/community.ts'

/** The newest feed, page by page as a reader gets it, newest first; ends where `isEnough`. */
export async function walkFeed(
  api: Api,
  options: { limit?: number; isEnough?: (items: V1FeedItem[]) => boolean } = {},
): Promise<V1FeedItem[]> {
  const items: V1FeedItem[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await api.feeds.newest({ limit: (options.limit ?? 100) as never, ...(cursor ? { cursor } : {}) })
    items.push(...page.items)
    if (options.isEnough?.(items)) break
    cursor = page.nextCursor
  }
  return items
}

/** The feed down to an id. */
export async function feedFrom(api: Api, oldestId: number): Promise<V1FeedItem[]> {
  const items = await walkFeed(api, { isEnough: (walked) => (walked.at(-1)?.id ?? 0) < oldestId })
  return items.filter(({ id }) => id >= oldestId)
}
