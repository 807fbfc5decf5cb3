import type { V1Video } from '@fanone/contracts/gateway'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { api, GOOD_PASSWORD, type Member, newMember, publish, randomName } from '../support/community.ts'
import { openBrowser, phone, soon, violations, visit, visitAs } from '../support/site.ts'

let browser: Browser
let author: Member
let member: Member
let video: V1Video

beforeAll(async () => {
  browser = await openBrowser()
  author = await newMember('filmed')
  member = await newMember('reads')
  video = await publish(author, { title: 'A walk to like' })
})
afterEach(() => Promise.all(browser.contexts().map((context) => context.close())))
afterAll(() => browser?.close())

/** A phone with the site open, where a member has logged in. */
const loggedIn = (path: string) => visitAs(browser, member, path, phone)

describe('a member with a phone', () => {
  test('makes an account, and is known after a reload, by a cookie that no script reads', async () => {
    const username = randomName('phone')
    const { page, complaints } = await visit(browser, '/register', phone)
    await page.getByLabel('Username').fill(username)
    await page.getByLabel('Password', { exact: true }).fill(GOOD_PASSWORD)
    await page.getByRole('button', { name: 'Create account', exact: true }).click()
    await page.getByRole('link', { name: 'Me', exact: true }).waitFor()
    await page.reload()
    await page.getByRole('link', { name: 'Following', exact: true }).click()
    await page.getByRole('link', { name: 'Find people to follow' }).waitFor()
    await page.getByRole('link', { name: 'Me', exact: true }).click()
    await page.getByRole('heading', { level: 1, name: username }).waitFor()
    expect(await page.evaluate('document.cookie')).toBe('')
    const cookies = await page.context().cookies()
    expect(cookies).toMatchObject([
      { name: 'fanone_refresh', path: '/v1/sessions/refresh', httpOnly: true, secure: true, sameSite: 'Strict' },
    ])
    expect(complaints).toEqual([])
  })

  test('likes, follows and comments, which others see', async () => {
    const { page, complaints } = await loggedIn(`/watch/${video.id}`)
    await page.getByRole('button', { name: /^Like,/ }).click()
    await page.getByRole('button', { name: /^Take the like back, 1 like/ }).waitFor()
    await page.getByRole('button', { name: 'Follow', exact: true }).click()
    await page.getByRole('button', { name: 'Following', exact: true }).waitFor()
    await page.getByLabel('Add a comment').fill('What a place 🌿')
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await page.getByRole('article').getByText('What a place 🌿').waitFor()
    expect(await page.getByLabel('Add a comment').inputValue()).toBe('')
    expect(await violations(page)).toEqual([])
    await expect.poll(async () => (await member.api.videos.get({ id: video.id as never })).isLiked).toBe(true)
    const texts = async () =>
      (await api().comments.list({ id: video.id as never, limit: 20 as never })).items.map(({ text }) => text)
    await expect.poll(texts).toEqual(['What a place 🌿'])
    expect((await member.api.users.get({ id: author.user.id as never })).isFollowing).toBe(true)
    const followed = async () => (await member.api.feeds.following({ limit: 20 as never })).items.map(({ id }) => id)
    await expect.poll(followed, soon).toContain(video.id)
    await page.goto('/following')
    await page.getByRole('article', { name: 'A walk to like' }).waitFor()
    expect(complaints).toEqual([])
  })

  test('is told in words what was wrong, and nothing typed is lost', async () => {
    const { page } = await visit(browser, '/login', phone)
    await page.getByLabel('Username').fill(member.user.username)
    await page.getByLabel('Password', { exact: true }).fill('not it at all')
    await page.getByRole('button', { name: 'Log in', exact: true }).click()
    await page.getByText('Username or password is wrong.').waitFor()
    expect(await page.getByLabel('Username').inputValue()).toBe(member.user.username)
  })

  test('who logs out in one tab is logged out in all', async () => {
    const { page } = await loggedIn('/search')
    const other = await page.context().newPage()
    await other.goto('/popular')
    await other.getByRole('link', { name: 'Me', exact: true }).waitFor()
    await page.getByRole('button', { name: 'Settings', exact: true }).click()
    await page.getByRole('button', { name: 'Log out', exact: true }).click()
    for (const tab of [page, other]) await tab.getByRole('link', { name: 'Log in', exact: true }).waitFor()
    await other.reload()
    await other.getByRole('link', { name: 'Log in', exact: true }).waitFor()
  })
})

test('a visitor who likes is sent to log in, and back', async () => {
  const { page } = await visit(browser, `/watch/${video.id}`, phone)
  await page.getByRole('button', { name: /^Like,/ }).click()
  await page.waitForURL(`**/login?to=%2Fwatch%2F${video.id}`)
})
