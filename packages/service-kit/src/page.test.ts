import { describe, expect, it } from 'vitest'
import { page, walkAll } from './page.ts'

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

describe('a page', () => {
  const read = (rows: number, limit: number) => page(limit, async (most) => numbers(rows).slice(0, most), String)

  it('names the next one exactly where there is one', async () => {
    expect(await read(4, 3)).toEqual({ items: [1, 2, 3], nextCursor: '3' })
    expect(await read(3, 3)).toEqual({ items: [1, 2, 3], nextCursor: null })
    expect(await read(0, 3)).toEqual({ items: [], nextCursor: null })
  })
})

describe('a walk', () => {
  it.each([0, 1, 3, 4, 6, 7])('through %i rows meets each once, in order', async (count) => {
    const pages: number[][] = []
    const fetch = async (after = 0) => numbers(count).slice(after, after + 3)
    for await (const rows of walkAll(3, fetch)) pages.push(rows)
    expect(pages.flat()).toEqual(numbers(count))
    expect(pages.every((rows) => rows.length > 0)).toBe(true)
  })

  it('asks for nothing behind the page where its reader ends it', async () => {
    const asked: unknown[] = []
    const fetch = async (after: number | undefined) => {
      asked.push(after)
      return [1]
    }
    for await (const _ of walkAll(1, fetch)) if (asked.length === 2) break
    expect(asked).toEqual([undefined, 1])
  })
})
