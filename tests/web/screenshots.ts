/**
 * `npm run web:screenshots [folder]`: the main pages of a running stack in three sizes, both themes
 * and both languages, to be looked at. FANONE_API names the stack if it is not at port 8080.
 */
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { V1FeedItem } from '@fanone/contracts/gateway'
import type { Browser } from 'playwright-core'
import { openBrowser, visit } from '../support/site.ts'

const api = process.env.FANONE_API ?? 'http://127.0.0.1:8080'
const folder = process.argv[2] ?? join(tmpdir(), 'fanone-screenshots')

const sizes = [
  { width: 390, height: 844 },
  { width: 768, height: 1024 },
  { width: 1440, height: 900 },
]
const themes = ['light', 'dark'] as const
const locales = ['en-GB', 'zh-CN']

/** The address of each page, by the name of its picture. */
async function pages(): Promise<Record<string, string>> {
  const answer = await fetch(`${api}/v1/feeds/newest?limit=20`)
  const { items } = (await answer.json()) as { items: V1FeedItem[] }
  const [video] = items.toSorted((a, b) => b.counters.comments - a.counters.comments)
  if (!video) throw new Error('There is no video to show; npm start fills in the demo')
  return {
    feed: '/',
    popular: '/popular?period=all',
    watch: `/watch/${video.id}`,
    profile: `/u/${video.author.id}`,
    followers: `/u/${video.author.id}?show=followers`,
    search: '/search',
    'nothing-found': '/search?q=nobodyhasthisword',
    'no-page': '/nobody/has/this',
  }
}

async function take(browser: Browser, name: string, path: string): Promise<void> {
  for (const viewport of sizes)
    for (const colorScheme of themes)
      for (const locale of locales) {
        const { page } = await visit(browser, path, { baseURL: api, viewport, colorScheme, locale })
        await page.locator('main :is(h1, h2)').first().waitFor()
        await page.waitForLoadState('networkidle')
        const size = `${viewport.width}x${viewport.height}`
        await page.screenshot({ path: join(folder, `${name}-${size}-${colorScheme}-${locale.slice(0, 2)}.png`) })
        await page.context().close()
      }
}

mkdirSync(folder, { recursive: true })
const browser = await openBrowser()
try {
  for (const [name, path] of Object.entries(await pages())) await take(browser, name, path)
} finally {
  await browser.close()
}
console.log(`The pictures are in ${folder}`)
