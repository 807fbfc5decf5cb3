import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core'
import { expect } from 'vitest'
import type { Member } from './community.ts'
import { apiUrl } from './stack.ts'

const axeScript = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
/** WCAG 2.2 AA, and what it is built upon. */
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

/** How long a page may take on a busy machine, in ms; no test is about time. */
const PATIENCE_MS = 60_000
export const soon = { timeout: PATIENCE_MS }

export const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }
/** Width of the smallest phones, in pixels. */
const NARROWEST = 320

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--mute-audio'] })

/** A visitor of the site, as tests see them. */
export interface Visitor {
  page: Page
  /**
   * What went wrong in the page: exceptions, refusals of the content security policy,
   * lost files.
   */
  complaints: string[]
  /** Files of the site that were fetched, with what they weighed on the way, in bytes. */
  files: Map<string, number>
}

/**
 * Opens the site in a context of its own. Media are not held against a page: files that run beside
 * delete videos.
 */
export async function visit(browser: Browser, path: string, options: BrowserContextOptions = {}): Promise<Visitor> {
  const context = await browser.newContext({ baseURL: apiUrl, locale: 'en-GB', reducedMotion: 'reduce', ...options })
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  const complaints: string[] = []
  const files = new Map<string, number>()
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    const isLostFile = message.text().startsWith('Failed to load resource')
    if (message.type() === 'error' && !isLostFile) complaints.push(message.text())
  })
  page.on('response', (response) => {
    const { pathname } = new URL(response.url())
    if (/^\/(media|v1)\//.test(pathname)) return
    files.set(pathname, Number(response.headers()['content-length'] ?? 0))
    if (response.status() >= 400 && pathname !== path) complaints.push(`${response.status()} ${pathname}`)
  })
  await page.goto(path)
  return { page, complaints, files }
}

/** The same as a member, who has logged in on the way. */
export async function visitAs(
  browser: Browser,
  { user, password }: Pick<Member, 'user' | 'password'>,
  path: string,
  options: BrowserContextOptions = {},
): Promise<Visitor> {
  const visitor = await visit(browser, `/login?to=${encodeURIComponent(path)}`, options)
  const { page } = visitor
  await page.getByLabel('Username').fill(user.username)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Log in', exact: true }).click()
  await page.waitForURL(`**${path}`)
  return visitor
}

/**
 * Lets so many pieces of uploads pass; the next one is under way until the page ends. In the page,
 * since requests that are held outside are copied with their megabytes.
 *
 * @returns lets others pass, also after a reload
 */
export async function holdUploads(page: Page, pieces: number): Promise<(pieces: number) => Promise<void>> {
  const allow = (count: number) => page.evaluate(`void sessionStorage.setItem('pieces', ${count})`) as Promise<void>
  const hold = `{
    const { send } = XMLHttpRequest.prototype
    XMLHttpRequest.prototype.send = function (body) {
      const left = Number(sessionStorage.getItem('pieces'))
      if (body instanceof Blob) sessionStorage.setItem('pieces', left - 1)
      if (!(body instanceof Blob) || left > 0) send.call(this, body)
    }
  }`
  await allow(pieces)
  await page.evaluate(hold)
  await page.addInitScript(hold)
  return allow
}

/** How much of the only upload of a page has arrived, as it is kept for after a reload. */
export async function keptBytes(page: Page): Promise<number> {
  const kept = "Object.entries(localStorage).find(([name]) => name.startsWith('fanone.upload.'))?.[1]"
  return ((await page.evaluate(`JSON.parse(${kept} ?? '{}').arrivedBytes`)) as number | undefined) ?? 0
}

/** A page is accessible in both themes, and no wider than the window on phones. */
export async function expectFits(page: Page): Promise<void> {
  const size = page.viewportSize()
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await expect.poll(() => violations(page), soon).toEqual([])
  }
  for (const width of [phone.viewport.width, NARROWEST]) {
    await page.setViewportSize({ width, height: 640 })
    await expect.poll(() => overflow(page), soon).toBe(0)
  }
  if (size) await page.setViewportSize(size)
}

/** Violations that axe finds on a page as it is shown now, one line each. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(readFileSync(axeScript, 'utf8'))
  const run = `axe.run({ runOnly: ${JSON.stringify(rules)}, resultTypes: ['violations'] })`
  const found = (await page.evaluate(run)) as { violations: { id: string; nodes: { html: string }[] }[] }
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`))
}

/** Pixels that a page is wider than its window: people would have to scroll to the side. */
const overflow = (page: Page): Promise<number> =>
  page.evaluate(`Math.max(...[document.documentElement, document.querySelector('main')]
    .map(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth))`) as Promise<number>

/** Where a video is, in seconds. */
export const playedSeconds = (video: Locator): Promise<number> =>
  video.first().evaluate((element) => (element as unknown as { currentTime: number }).currentTime)
