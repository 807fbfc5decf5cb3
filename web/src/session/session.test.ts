import type { V1Session } from '@fanone/contracts/gateway'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { SessionStore } from './session.ts'

const person = (id: number) => ({ id, username: `user${id}` }) as V1Session['user']

/** What a browser keeps and its tabs share. */
let kept: Map<string, string>
let channels: BroadcastChannel[]
/** The cookie names a session; each renewal makes the next token. */
let renewals: number
let isCookieGood: boolean

beforeEach(() => {
  kept = new Map([['fanone.member', 'yes']])
  channels = []
  renewals = 0
  isCookieGood = true
  vi.stubGlobal('localStorage', {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => kept.set(name, value),
  })
  vi.stubGlobal(
    'BroadcastChannel',
    class extends BroadcastChannel {
      constructor(name: string) {
        super(name)
        channels.push(this)
      }
    },
  )
})
afterEach(() => {
  for (const channel of channels) channel.close()
  vi.unstubAllGlobals()
})

const sessionOf = (id: number, accessToken: string, expiresInSeconds = 900): V1Session => ({
  user: person(id),
  tokens: { accessToken, expiresInSeconds },
})

function newTab(onChange = () => {}, expiresInSeconds?: number): SessionStore {
  const renew = async () => {
    await new Promise((resolve) => setTimeout(resolve, 5))
    if (!isCookieGood) throw Object.assign(new Error('no session'), { status: 401 })
    return sessionOf(1, `token ${++renewals}`, expiresInSeconds)
  }
  return new SessionStore({ renew, onChange })
}

test('of many tabs that need a token at the same time one renews, and all go on with its token', async () => {
  const tabs = Array.from({ length: 8 }, () => newTab())
  const tokens = await Promise.all(tabs.map((tab) => tab.token()))
  expect(tokens).toEqual(tabs.map(() => 'token 1'))
  expect(renewals).toBe(1)
})

test('who waited for a tab that could not renew tries it again', async () => {
  const failing = new SessionStore({ renew: () => Promise.reject(new TypeError('no line')), onChange: () => {} })
  const [first, second] = await Promise.allSettled([failing.token(), newTab().token()])
  expect(first.status).toBe('rejected')
  expect(second).toEqual({ status: 'fulfilled', value: 'token 1' })
})

test('a token that is about to end is renewed before it is used', async () => {
  const tab = newTab(undefined, 30)
  expect(await tab.token()).toBe('token 1')
  expect(await tab.token()).toBe('token 2')
})

test('a refused token is swapped for the next, once; without a good cookie the session is over', async () => {
  const tab = newTab()
  const token = String(await tab.token())
  await Promise.all([tab.doubt(token), tab.doubt(token), tab.doubt('an older one')])
  expect(await tab.token()).toBe('token 2')
  isCookieGood = false
  await tab.doubt('token 2')
  expect(tab.current()).toEqual({ state: 'visitor' })
})

test('whose cookie is refused is a visitor in every tab; a line that is down changes nothing', async () => {
  const [one, other] = [newTab(), newTab()]
  await Promise.all([one.token(), other.token()])
  one.end()
  await vi.waitFor(() => expect(other.current()).toEqual({ state: 'visitor' }))
  expect(await other.token()).toBeUndefined()

  kept.set('fanone.member', 'yes')
  isCookieGood = false
  const third = newTab()
  expect(await third.token()).toBeUndefined()
  expect(third.current()).toEqual({ state: 'visitor' })

  kept.set('fanone.member', 'yes')
  const offline = new SessionStore({ renew: () => Promise.reject(new TypeError('no line')), onChange: () => {} })
  await expect(offline.token()).rejects.toThrow('no line')
  expect(offline.current()).toEqual({ state: 'unknown' })
})

test('what is on the page is asked for anew where another person begins or one leaves, and not at a renewal', async () => {
  const onChange = vi.fn()
  const tab = newTab(onChange)
  await tab.token()
  tab.begin(sessionOf(1, 'again'))
  expect(onChange).not.toHaveBeenCalled()
  newTab().begin(sessionOf(2, 'of another'))
  await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(1))
  expect(tab.current()).toMatchObject({ state: 'member', user: { id: 2 } })
  tab.end()
  expect(onChange).toHaveBeenCalledTimes(2)
})
