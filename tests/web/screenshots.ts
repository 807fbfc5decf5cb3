/**
 * `npm run web:screenshots [folder]`: the main pages of a running stack in three sizes, both themes
 * and both languages, to be looked at; with `--docs` the pictures of docs/web.md instead.
 * FANONE_API names the stack if it is not at port 8080.
 */
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { V1FeedItem } from '@fanone/contracts/gateway'
import type { Browser } from 'playwright-core'
import { openBrowser, visit } from '../support/site.ts'

const api = process.env.FANONE_API ?? 'http://127.0.0.1:8080'
const { values, positionals } = parseArgs({ allowPositionals: true, options: { docs: { type: 'boolean' } } })
const docs = join(import.meta.dirname, '../../docs/pictures')
const folder = values.docs ? docs : (positionals[0] ?? join(tmpdir(), 'fanone-screenshots'))

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
    following: '/following',
    watch: `/watch/${video.id}`,
    profile: `/u/${video.author.id}`,
    followers: `/u/${video.author.id}?show=followers`,
    search: '/search',
    'nothing-found': '/search?q=nobodyhasthisword',
    'no-page': '/nobody/has/this',
  }
}

interface Look {
  viewport: (typeof sizes)[number]
  colorScheme: (typeof themes)[number]
  locale: string
}

const looks: Look[] = sizes.flatMap((viewport) =>
  themes.flatMap((colorScheme) => locales.map((locale) => ({ viewport, colorScheme, locale }))),
)
const [phone, , desk] = sizes as [Look['viewport'], Look['viewport'], Look['viewport']]
/** The pictures of the docs, by file name. */
const ofDocs: Record<string, { page: string } & Look> = {
  feed: { page: 'feed', viewport: desk, colorScheme: 'light', locale: 'en-GB' },
  watch: { page: 'watch', viewport: desk, colorScheme: 'dark', locale: 'en-GB' },
  'feed-phone': { page: 'feed', viewport: phone, colorScheme: 'dark', locale: 'en-GB' },
  'profile-phone': { page: 'profile', viewport: phone, colorScheme: 'light', locale: 'zh-CN' },
}

async function take(browser: Browser, path: string, { viewport, colorScheme, locale }: Look, file: string) {
  const { page } = await visit(browser, path, { baseURL: api, viewport, colorScheme, locale })
  await page.locator('main :is(h1, h2)').first().waitFor()
  await page.waitForLoadState('networkidle')
  const asPhoto = file.endsWith('.jpg') ? ({ type: 'jpeg', quality: 80 } as const) : {}
  await page.screenshot({ path: join(folder, file), ...asPhoto })
  await page.context().close()
}

mkdirSync(folder, { recursive: true })
const browser = await openBrowser()
try {
  const paths = await pages()
  if (values.docs)
    for (const [name, { page, ...look }] of Object.entries(ofDocs))
      await take(browser, paths[page] as string, look, `${name}.jpg`)
  else
    for (const [name, path] of Object.entries(paths))
      for (const look of looks) {
        const { width, height } = look.viewport
        await take(browser, path, look, `${name}-${width}x${height}-${look.colorScheme}-${look.locale.slice(0, 2)}.png`)
      }
} finally {
  await browser.close()
}
console.log(`The pictures are in ${folder}`)
