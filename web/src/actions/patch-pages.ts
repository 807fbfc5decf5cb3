import type { QueryClient } from '@tanstack/react-query'

interface Thing {
  id: number
}
interface Pages {
  pages: { items: Thing[] }[]
}

/**
 * Changes what is shown of a thing wherever it is shown: on its own page and in every list.
 *
 * @param isIt tells the thing from others with the same id, by what it has
 * @returns undoes it, unless something newer has come meanwhile
 */
export function patchPages(client: QueryClient, isIt: (thing: Thing) => boolean, change: (thing: never) => object) {
  const patch = (thing: Thing) => (isIt(thing) ? { ...thing, ...change(thing as never) } : thing)
  const patched = (data: unknown): unknown => {
    if (isPages(data)) return { ...data, pages: data.pages.map((page) => ({ ...page, items: page.items.map(patch) })) }
    return isThing(data) ? patch(data) : data
  }
  const touched: { key: readonly unknown[]; before: unknown; after: unknown }[] = []
  for (const [key, before] of client.getQueriesData({})) {
    const after = patched(before)
    if (after === before || !holds(before, isIt)) continue
    client.setQueryData(key, after)
    touched.push({ key, before, after })
  }
  return () => {
    for (const { key, before, after } of touched) {
      if (client.getQueryData(key) === after) client.setQueryData(key, before)
    }
  }
}

const isThing = (data: unknown): data is Thing => typeof data === 'object' && data !== null && 'id' in data
const isPages = (data: unknown): data is Pages => typeof data === 'object' && data !== null && 'pages' in data

function holds(data: unknown, isIt: (thing: Thing) => boolean): boolean {
  if (isPages(data)) return data.pages.some(({ items }) => items.some(isIt))
  return isThing(data) && isIt(data)
}
