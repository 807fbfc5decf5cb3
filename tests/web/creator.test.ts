import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { api, clipFile, type Member, newMember, publish, randomName } from '../support/community.ts'
import { drawing, partOf } from '../support/drawings.ts'
import {
  expectFits,
  holdUploads,
  keptBytes,
  openBrowser,
  phone,
  playedSeconds,
  soon,
  violations,
  visit,
  visitAs,
} from '../support/site.ts'
import { eventually } from '../support/stack.ts'
import { fileOf, padded, publishedBy } from '../support/uploads.ts'

/** Two pieces and a bit. */
const FILE_BYTES = 17 * 1024 ** 2
/** How often a page asks before it says that nobody answers. */
const QUERY_TRIES = 3
const away = {
  status: 503,
  contentType: 'application/problem+json',
  headers: { 'retry-after': '0' },
  body: JSON.stringify({ status: 503, code: 'unavailable' }),
}

let browser: Browser
let member: Member
let folder: string
/** A video that is sent in pieces. */
let film: string

beforeAll(async () => {
  ;[browser, member, folder] = await Promise.all([
    openBrowser(),
    newMember('films'),
    mkdtemp(join(tmpdir(), 'fanone-films-')),
  ])
  film = join(folder, 'a walk at night.mp4')
  await writeFile(film, padded(await readFile(await clipFile({ seconds: 4 })), FILE_BYTES))
})
afterEach(() => Promise.all(browser.contexts().map((context) => context.close())))
afterAll(async () => {
  await browser?.close()
  await rm(folder, { recursive: true })
})

const choose = (page: Page, file: string, label = 'Choose videos') => page.getByLabel(label).setInputFiles(file)
describe('a creator', () => {
  test('uploads a video, goes on after a reload, publishes it with a cover of their choice and watches it', async () => {
    const { page, complaints } = await visitAs(browser, member, '/upload')
    const allow = await holdUploads(page, 1)
    await choose(page, film)
    await page.getByLabel('Title').fill('A walk at night')
    await expect.poll(() => keptBytes(page), soon).toBeGreaterThan(0)
    await page.reload()
    await allow(Number.POSITIVE_INFINITY)

    await page.getByText('Unfinished: 8.39 MB of 17.8 MB have arrived.').waitFor()
    expect(await page.getByLabel('Title').inputValue()).toBe('A walk at night')
    await choose(page, await clipFile(), 'Choose the file again')
    await page.getByText('This is not the file that was begun.').waitFor()
    // As if the token had ended meanwhile.
    await page.route('**/v1/uploads/*', (route) => route.fulfill({ status: 401 }), { times: 1 })
    const begun: string[] = []
    page.on('request', (request) => request.method() === 'POST' && begun.push(new URL(request.url()).pathname))
    await choose(page, film, 'Choose the file again')
    await page.getByLabel(/^The picture at 0:02/).check()
    await page.getByRole('button', { name: /^Publish/ }).click()
    await page.getByRole('link', { name: 'Watch it' }).waitFor()
    expect(begun).toEqual(['/v1/sessions/refresh', '/v1/videos'])

    const [id] = await publishedBy(member)
    await expect.poll(async () => (await api().videos.get({ id: id as never })).coverUrl).toMatch(/\.webp$/)
    await page.getByRole('link', { name: 'Watch it' }).click()
    await page.getByRole('heading', { level: 1, name: 'A walk at night' }).waitFor()
    await page.getByRole('button', { name: 'Play' }).first().click()
    await expect.poll(() => playedSeconds(page.locator('video')), soon).toBeGreaterThan(0)
    expect(await publishedBy(member)).toEqual([id])
    expect(complaints).toEqual([])
  })

  test('is told in words why a file is no video, and can discard it', async () => {
    const file = join(folder, 'a poem with a long name that no telephone shows in one line.mp4')
    await writeFile(file, 'Tiger, tiger, burning bright')
    const { page, complaints } = await visitAs(browser, member, '/upload', phone)
    await choose(page, file)
    await page.getByRole('button', { name: /^Publish/ }).click()
    await page.getByText('This file is not a video that can be played').waitFor()
    await expectFits(page)
    await page.getByRole('button', { name: 'Discard' }).click()
    await page.reload()
    await page.getByText('Drop your videos here').waitFor()
    expect(await page.getByText('a poem').count()).toBe(0)
    expect(complaints).toEqual([])
  })
})

describe('who searches by a picture', () => {
  test('finds the video of a cover by a part of it, and what is like it beside the player', async () => {
    const picture = await drawing(4)
    const [one, other] = [await publish(member, { title: randomName('house') }), await publish(member)]
    await member.api.pictures.setCover({ id: one.id, file: fileOf(picture, 'cover.png', 'image/png') })
    const part = await partOf(picture)
    await member.api.pictures.setCover({ id: other.id, file: fileOf(part, 'cover.jpg', 'image/jpeg') })
    const similar = async () => (await member.api.videos.similar({ id: one.id, minScore: '0.8' as never })).items
    await eventually(async () => (await similar()).some(({ video }) => video.id === other.id), { timeoutMs: 100_000 })

    const { page, complaints } = await visitAs(browser, member, '/pictures')
    const file = { name: 'part.jpg', mimeType: 'image/jpeg', buffer: part }
    await page.route('**/v1/images/search', (route) => route.fulfill(away), { times: QUERY_TRIES })
    await page.getByLabel('Choose a picture').setInputFiles(file)
    await page.getByText('Search by picture does not answer').waitFor()
    await page.getByRole('button', { name: 'Try again' }).click()
    const found = page.getByRole('region', { name: 'Looks like it' })
    await found.getByRole('link', { name: new RegExp(`${one.title}.*alike`) }).waitFor()
    await expect.poll(() => violations(page), soon).toEqual([])
    await found.getByRole('link', { name: new RegExp(one.title) }).click()
    await page.getByRole('heading', { level: 1, name: one.title }).waitFor()
    await page.getByRole('complementary').getByRole('link', { name: other.title }).waitFor()
    await page.goBack()
    await found.getByRole('link', { name: new RegExp(one.title) }).waitFor()
    expect(complaints).toEqual([])
  })
})

test('a visitor is asked to log in before an upload', async () => {
  const { page } = await visit(browser, '/upload')
  await page.getByRole('main').getByRole('link', { name: 'Log in' }).click()
  await page.waitForURL('**/login?to=%2Fupload')
})
