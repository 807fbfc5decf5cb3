/** One page of a list, as operations answer it. */
export interface Page<Item> {
  items: Item[]
  /** Where the next page begins; null after the last. */
  nextCursor: string | null
}

/**
 * Reads one page of a list.
 *
 * @param fetch reads up to that many rows; one more than the page needs, to see whether another
 *   follows
 * @param cursorOf the cursor of the page after a row
 */
export async function page<Row>(
  limit: number,
  fetch: (limit: number) => Promise<Row[]>,
  cursorOf: (last: Row) => string,
): Promise<Page<Row>> {
  const rows = await fetch(limit + 1)
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, nextCursor: last !== undefined && rows.length > limit ? cursorOf(last) : null }
}

/**
 * Yields a whole list page by page, in the order of its keys.
 *
 * @param fetch reads up to `pageSize` rows after one, or from the start; a page that is not full is
 *   the last
 */
export async function* walkAll<Row>(
  pageSize: number,
  fetch: (after: Row | undefined) => Promise<Row[]>,
): AsyncGenerator<Row[]> {
  for (let after: Row | undefined; ; ) {
    const rows = await fetch(after)
    if (rows.length > 0) yield rows
    if (rows.length < pageSize) return
    after = rows.at(-1)
  }
}
