import { MAX_LISTED } from '@fanone/contracts'

/**
 * Everything that a list by cursor holds, as this API shows it, which has no paging: the first
 * `MAX_LISTED` items.
 *
 * @param read answers at most `limit` items; fewer where more do not fit into an answer
 */
export async function allPages<Item>(
  read: (page: { cursor: string | undefined; limit: number }) => Promise<{ items: Item[]; nextCursor: string | null }>,
): Promise<Item[]> {
  const all: Item[] = []
  for (let cursor: string | undefined; all.length < MAX_LISTED; ) {
    const { items, nextCursor } = await read({ cursor, limit: MAX_LISTED - all.length })
    all.push(...items)
    if (nextCursor === null) break
    cursor = nextCursor
  }
  return all
}
