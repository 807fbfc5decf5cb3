/** This API has no paging: it answers this many pages of 100 at most. */
const MAX_PAGES = 20

/**
 * Everything that a list by cursor holds, as this API shows it: up to 2,000 items.
 *
 * @param read answers one page of at most `limit` items
 */
export async function allPages<Item>(
  read: (page: { cursor: string | undefined; limit: number }) => Promise<{ items: Item[]; nextCursor: string | null }>,
): Promise<Item[]> {
  const all: Item[] = []
  let cursor: string | undefined
  for (let page = 0; page < MAX_PAGES; page++) {
    const { items, nextCursor } = await read({ cursor, limit: 100 })
    all.push(...items)
    if (nextCursor === null) break
    cursor = nextCursor
  }
  return all
}
