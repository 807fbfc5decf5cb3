import type { V1Video } from '@fanone/contracts/gateway'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { clipFile, type Member, newMember, publish, randomName } from '../support/community.ts'
import { isFull } from '../support/sampling.ts'
import { expectFits, openBrowser, phone, playedSeconds, soon, visit } from '../support/site.ts'
import { apiUrl } from '../support/stack.ts'

/** What the first page may weigh before a player comes, compressed. */
const FIRST_LOAD_BYTES = 130 * 1_024

let browser: Browser
let author: Member
let video: V1Video
/** By name: the path, and what is there once the page is complete. */
let pages: Record<string, [path: string, content: string]>
/** No other video has it. */
const word = randomName('w')

beforeAll(async () => {
  ;[browser, author] = await Promise.all([openBrowser(), newMember('site')])
  const file = await clipFile({ seconds: 4 })
  const title = `A very long walk 🌿 שלום with ${word} and many more words than one line of a card can hold`
  video = await publish(author, { title, description: 'First line\nSecond line', file })
  const comment = await author.api.comments.create({ id: video.id, text: 'What a light <b>!</b>' })
  await author.api.comments.reply({ id: comment.id, text: 'I was there early' })
  pages = {
    feed: ['/', 'article video'],
    popular: ['/popular?period=all', 'main :is(article video, h2)'],
    following: ['/following', 'main a[href^="/login"]'],
    watch: [`/watch/${video.id}`, 'text=What a light <b>!</b>'],
    profile: [`/u/${author.user.id}`, `a:has-text("${word}")`],
    search: [`/search?q=${word}`, `a:has-text("${word}")`],
    login: ['/login', 'form'],
    'log-in by phone': ['/login?by=phone', 'form'],
    'new password': ['/recover', 'form'],
    register: ['/register', 'form'],
    'what does not exist': ['/nobody/has/this', 'main h1'],
  }
})
afterEach(() => Promise.all(browser.contexts().map((context) => context.close())))
afterAll(() => browser?.close())

describe('a visitor', () => {
  test('sees a video play in the feed at once, for few bytes', async () => {
    const visitor = await visit(browser, '/')
    const { page, files, complaints } = visitor
    await page.locator('article video').first().waitFor()
    const inView = page.locator('article:not([inert])')
    // Files that run beside delete videos: who cannot see one goes on to the next.
    const played = async () => {
      if ((await inView.getByText('cannot be played').count()) > 0) await page.keyboard.press('ArrowDown')
      return playedSeconds(inView.locator('video'))
    }
    await expect.poll(played, soon).toBeGreaterThan(0)
    const loaded = [...files].filter(([path]) => /^\/assets\/(?!hls).*\.(js|css)$/.test(path))
    expect(loaded.length).toBeGreaterThan(0)
    expect(loaded.reduce((sum, [, bytes]) => sum + bytes, 0)).toBeLessThan(FIRST_LOAD_BYTES)
    expect(complaints).toEqual([])
  })

  test('sees the feed dark in both themes', async () => {
    const { page } = await visit(browser, '/', { colorScheme: 'light' })
    const colour = () => page.evaluate("getComputedStyle(document.querySelector('main section')).color")
    await expect.poll(colour, soon).toBe('rgb(241, 243, 246)')
  })

  test('watches, reads what people say, and comes to the author', async () => {
    const visitor = await visit(browser, `/watch/${video.id}`)
    const { page, complaints } = visitor
    await page.getByRole('heading', { level: 1 }).filter({ hasText: word }).waitFor()
    await page.getByText('What a light <b>!</b>').waitFor()
    await page.getByRole('button', { name: '1 reply' }).click()
    await page.getByText('I was there early').waitFor()
    await page.getByRole('button', { name: 'Play' }).first().click()
    await expect.poll(() => playedSeconds(page.locator('video')), soon).toBeGreaterThan(0)
    await page.locator(`main a[href="/u/${author.user.id}"]`).first().click()
    await page.getByRole('heading', { level: 1, name: author.user.name }).waitFor()
    await page.getByRole('link', { name: new RegExp(word) }).waitFor()
    expect(complaints).toEqual([])
  })

  test('finds by words, and the address keeps them', async () => {
    const visitor = await visit(browser, '/search')
    const { page, complaints } = visitor
    await page.getByRole('searchbox').fill(word)
    await page.getByRole('button', { name: 'Search' }).click()
    await page.getByRole('link', { name: new RegExp(word) }).click()
    await page.waitForURL(`**/watch/${video.id}`)
    await page.goBack()
    await page.waitForURL(`**/search?q=${word}`)
    await page.getByRole('link', { name: new RegExp(word) }).waitFor()
    expect(complaints).toEqual([])
  })

  test('reads Chinese where the browser does', async () => {
    const visitor = await visit(browser, '/popular?period=all', { locale: 'zh-CN' })
    await expect.poll(() => visitor.page.locator('html').getAttribute('lang'), soon).toBe('zh-CN')
    await visitor.page.getByRole('link', { name: '搜索' }).waitFor()
  })
})

const pageNames = [
  'feed',
  'popular',
  'following',
  'watch',
  'profile',
  'search',
  'login',
  'register',
  'what does not exist',
]
describe.each(pageNames)('the page %s', (name) => {
  const locales = isFull ? ['en-GB', 'zh-CN'] : ['en-GB']
  test.each(locales)('is accessible in both themes and fits phones, %s', async (locale) => {
    const [path, content] = pages[name] ?? ['', '']
    const visitor = await visit(browser, path, { ...phone, locale })
    const { page, complaints } = visitor
    await page.locator(content).first().waitFor()
    await expectFits(page)
    expect(complaints).toEqual([])
  })
})

describe('to who is no browser', () => {
  test('the root and what does not exist are what they were', async () => {
    for (const path of ['/', '/watch/1', '/nobody/has/this']) {
      const answer = await fetch(apiUrl + path)
      expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'application/problem+json'])
    }
  })

  test('pages are strict, and assets stay for good', async () => {
    const answer = await fetch(`${apiUrl}/watch/1`, { headers: { accept: 'text/html' } })
    expect(answer.headers.get('content-security-policy')).toContain("script-src 'self';")
    expect(answer.headers.get('content-security-policy')).not.toContain('unsafe')
    const [script] = /\/assets\/[\w.-]+\.js/.exec(await answer.text()) ?? []
    const plain = await fetch(apiUrl + script, { headers: { 'accept-encoding': 'identity' } })
    expect(plain.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    const code = await plain.text()
    for (const encoding of ['br', 'gzip']) {
      const packed = await fetch(apiUrl + script, { headers: { 'accept-encoding': encoding } })
      expect(packed.headers.get('content-encoding')).toBe(encoding)
      expect(await packed.text()).toBe(code)
    }
  })
})
