import { generateSync } from 'otplib'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { api, GOOD_PASSWORD, type Member, newMember, newSession } from '../support/community.ts'
import { drawing } from '../support/drawings.ts'
import { codeSentTo, newPhone } from '../support/phones.ts'
import { drawn, isFull } from '../support/sampling.ts'
import { expectFits, openBrowser, phone, soon, type Visitor, visit, visitAs } from '../support/site.ts'
import { apiUrl } from '../support/stack.ts'

const parts = ['Profile', 'Password', 'Phone', 'Two-step log-in', 'Passkeys', 'Devices', 'Activity']

let browser: Browser

beforeAll(async () => {
  browser = await openBrowser()
})
afterEach(() => Promise.all(browser.contexts().map((context) => context.close())))
afterAll(() => browser?.close())

const press = ({ page }: Visitor, name: string) => page.getByRole('button', { name, exact: true }).click()
const open = ({ page }: Visitor, part: string) => page.getByRole('link', { name: part, exact: true }).click()
const profileOf = ({ user }: Member) => api().users.get({ id: user.id as never })

describe('a member', () => {
  test('changes what others see: name, words, and a picture; every part fits phones', async () => {
    const member = await newMember('looks')
    const visitor = await visitAs(browser, member, '/settings/profile', phone)
    const { page, complaints } = visitor
    await page.getByLabel('Name', { exact: true }).fill('Mira 🌿')
    await page.getByLabel('About you').fill('Walks\nand films')
    await press(visitor, 'Save')
    await page.getByText('Saved.').waitFor()
    const buffer = await drawing(5)
    await page.getByLabel('Choose a picture').setInputFiles({ name: 'me.png', mimeType: 'image/png', buffer })
    await page.getByRole('dialog').getByLabel('Zoom').fill('2')
    await press(visitor, 'Use this picture')
    await page.getByRole('button', { name: 'Remove', exact: true }).waitFor()
    expect(await profileOf(member)).toMatchObject({ name: 'Mira 🌿', signature: 'Walks\nand films' })
    expect((await profileOf(member)).avatarUrl).not.toContain('default-avatars')
    await page.getByRole('link', { name: 'Me', exact: true }).click()
    await page.getByRole('heading', { level: 1, name: 'Mira 🌿' }).waitFor()
    await page.getByRole('link', { name: 'Edit profile' }).click()
    for (const part of drawn(parts, 2)) {
      await open(visitor, part)
      await page.locator('main :is(form, section)').first().waitFor()
      await expectFits(page)
    }
    expect(complaints).toEqual([])
  })

  test('changes the password, and ends the sessions of others; one that is not ended comes back', async () => {
    const member = await newMember('doors')
    await newSession(member)
    const visitor = await visitAs(browser, member, '/settings/sessions')
    const { page, complaints } = visitor
    const refusing = '**/v1/sessions/others'
    const problem = {
      status: 503,
      contentType: 'application/problem+json',
      body: '{"code":"unavailable","status":503}',
    }
    await page.route(refusing, (route) => route.fulfill(problem))
    const rows = page.getByRole('listitem')
    await expect.poll(() => rows.count(), soon).toBe(3)
    await press(visitor, 'Log out all other devices')
    await page.getByText('does not answer at the moment').waitFor()
    await expect.poll(() => rows.count(), soon).toBe(3)
    await page.unroute(refusing)
    await press(visitor, 'Log out all other devices')
    await expect
      .poll(async () => (await member.api.sessions.list().catch(() => undefined))?.items, soon)
      .toBeUndefined()
    await expect.poll(() => rows.count(), soon).toBe(1)
    await open(visitor, 'Password')
    await page.getByLabel('Current password', { exact: true }).fill('not it at all')
    await page.getByLabel('New password', { exact: true }).fill(GOOD_PASSWORD)
    await press(visitor, 'Change password')
    await page.getByText('The password is wrong.').waitFor()
    await page.getByLabel('Current password', { exact: true }).fill(member.password)
    await press(visitor, 'Change password')
    await page.getByText('Your password is changed').waitFor()
    await api().sessions.logIn({ username: member.user.username, password: GOOD_PASSWORD })
    await press(visitor, 'Settings')
    await press(visitor, 'Log out')
    await page.waitForURL('**/login?to=%2Fsettings%2Fpassword')
    expect(complaints).toEqual([])
  })

  test('turns two-step log-in on, and from then on logs in with a recovery code', async () => {
    const member = await newMember('steps')
    const visitor = await visitAs(browser, member, '/settings/two-step', phone)
    const { page, complaints } = visitor
    await press(visitor, 'Set up')
    const secret = (await page.getByText(/^([A-Z2-7]{4} ?){8}$/).innerText()).replaceAll(' ', '')
    if (isFull) await expectFits(page)
    await page.getByLabel('Code that the app shows').fill(generateSync({ secret }))
    await press(visitor, 'Turn on')
    await page.getByRole('heading', { name: 'Keep your recovery codes' }).waitFor()
    const codes = await page.locator('main li').allInnerTexts()
    expect(new Set(codes).size).toBe(10)
    if (isFull) await expectFits(page)
    await press(visitor, 'I have kept them')
    await page.getByText('10 recovery codes are left.').waitFor()
    expect(complaints).toEqual([])
    const other = await visit(browser, '/login', phone)
    await other.page.getByLabel('Username').fill(member.user.username)
    await other.page.getByLabel('Password', { exact: true }).fill(member.password)
    await press(other, 'Log in')
    await other.page.getByLabel('Code of your authenticator app').fill(codes[0] ?? '')
    await press(other, 'Log in')
    await other.page.getByRole('link', { name: 'Me', exact: true }).waitFor()
  })

  test('adds a passkey, logs in with it, and removes it', async () => {
    const member = await newMember('keys')
    // A host by name, because passkeys are bound to one.
    const atHost = { baseURL: apiUrl.replace('127.0.0.1', 'localhost') }
    const visitor = await visitAs(browser, member, '/settings/passkeys', atHost)
    const { page, complaints } = visitor
    const devtools = await page.context().newCDPSession(page)
    await devtools.send('WebAuthn.enable')
    const options = { protocol: 'ctap2', transport: 'internal', hasResidentKey: true } as const
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: { ...options, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
    })
    await press(visitor, 'Add a passkey')
    await page.getByLabel('Name of this passkey').fill('My laptop')
    await page.getByLabel('Password', { exact: true }).fill(member.password)
    await press(visitor, 'Add a passkey')
    await page.getByText('My laptop').waitFor()
    if (isFull) await expectFits(page)
    await press(visitor, 'Settings')
    await press(visitor, 'Log out')
    await page.waitForURL('**/login?to=%2Fsettings%2Fpasskeys')
    await press(visitor, 'Log in with a passkey')
    await page.getByText(/^Last used/).waitFor()
    await press(visitor, 'Remove My laptop')
    await page.getByText('My laptop').waitFor({ state: 'detached' })
    await expect.poll(async () => (await member.api.passkeys.list()).items, soon).toEqual([])
    expect(complaints).toEqual([])
  })

  // A number gets one code a minute, for which only the full run waits.
  test('adds a phone, and with it sets a new password', { timeout: 240_000 }, async () => {
    const member = await newMember('rings')
    const number = newPhone()
    const visitor = await visitAs(browser, member, '/settings/phone', phone)
    await press(visitor, 'Add a phone')
    await fillCode(visitor, number, 'join')
    await visitor.page.getByLabel('Password', { exact: true }).fill(member.password)
    await press(visitor, 'Add a phone')
    await visitor.page.getByRole('heading', { name: 'Your phone:' }).waitFor()
    expect(visitor.complaints).toEqual([])
    const forgetful = await visit(browser, '/recover', phone)
    const { page } = forgetful
    await page.getByLabel('Phone number').fill(number)
    await page.getByLabel('New password', { exact: true }).fill(GOOD_PASSWORD)
    await press(forgetful, 'Send code')
    await page.getByText('Too many requests. Try again in').waitFor()
    await page.getByLabel('Code from the message').fill('000000')
    await press(forgetful, 'Set password')
    await page.getByText('This code is wrong').waitFor()
    if (!isFull) return
    const isSent = async () => {
      await press(forgetful, 'Send code')
      return page.getByText('The code is on its way').isVisible()
    }
    await expect.poll(isSent, { timeout: 120_000, interval: 10_000 }).toBe(true)
    await page.getByLabel('Code from the message').fill(await codeSentTo(number, 'new_password'))
    await press(forgetful, 'Set password')
    await page.getByText('Your new password is set').waitFor()
    await api().sessions.logIn({ username: member.user.username, password: GOOD_PASSWORD })
  })
})

describe('a visitor', () => {
  test('makes an account with a phone alone', async () => {
    const visitor = await visit(browser, '/login?by=phone&to=/following', phone)
    await fillCode(visitor, newPhone(), 'sign_in')
    await press(visitor, 'Continue')
    await visitor.page.getByRole('link', { name: 'Me', exact: true }).waitFor()
    await visitor.page.waitForURL('**/following')
    expect(visitor.complaints).toEqual([])
  })

  test('is led from settings to log in, and back', async () => {
    const { page } = await visit(browser, '/settings/sessions', phone)
    await page.waitForURL('**/login?to=%2Fsettings%2Fsessions')
  })
})

/** Has a code sent to a number and types it in. */
async function fillCode(visitor: Visitor, number: string, purpose: string): Promise<void> {
  await visitor.page.getByLabel('Phone number').fill(`${number.slice(0, 3)} ${number.slice(3)}`)
  await press(visitor, 'Send code')
  await visitor.page.getByLabel('Code from the message').fill(await codeSentTo(number, purpose))
}
