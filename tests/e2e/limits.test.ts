import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newMember, randomName } from '../support/community.ts'
import { type Answer, expectProblem, send } from '../support/http.ts'
import { startSecondGateway } from '../support/second-gateway.ts'

/** Behind a proxy on this machine, with the limits and the origin of a real site. */
let gateway: Awaited<ReturnType<typeof startSecondGateway>>
beforeAll(async () => {
  gateway = await startSecondGateway({
    RATE_LIMIT_FACTOR: '1',
    TRUST_PROXY: '127.0.0.1',
    CORS_ORIGINS: 'https://app.example, https://other.example',
  })
})
afterAll(() => gateway?.stop())

/** Somebody nobody has seen before (RFC 2544 test network). */
const randomAddress = () => `198.18.${randomInt(256)}.${randomInt(1, 255)}`

const logIn = (username: string, address: string, password = 'not it') =>
  send('POST', `${gateway.url}/v1/sessions`, {
    json: { username, password },
    headers: { 'x-forwarded-for': address },
  })

async function expectRefused(answer: Answer): Promise<void> {
  expectProblem(answer, 429, 'too_many_requests')
  const seconds = Number(answer.headers.get('retry-after'))
  expect(seconds).toBeGreaterThanOrEqual(1)
  expect(seconds).toBeLessThanOrEqual(60)
}

test('who guesses a password more than ten times a minute is told when to come back', async () => {
  const member = await newMember('guessed')
  const address = randomAddress()
  for (let tries = 0; tries < 10; tries++) {
    const name = tries % 2 ? member.user.username : member.user.username.toUpperCase()
    expectProblem(await logIn(name, address), 401, 'wrong_credentials')
  }
  await expectRefused(await logIn(member.user.username, address))
  await expectRefused(await logIn(member.user.username, address, member.password))
  expect((await logIn(member.user.username, randomAddress(), member.password)).status).toBe(201)
})

test('guesses through the other APIs count too, and are refused in their own words', async () => {
  const username = randomName('guessed')
  const headers = { 'x-forwarded-for': randomAddress(), 'content-type': 'application/x-www-form-urlencoded' }
  const body = new URLSearchParams({ username, password: 'not it' }).toString()
  const guess = (path: string) => send('POST', gateway.url + path, { headers, body })
  for (let tries = 0; tries < 5; tries++) {
    expect((await guess('/user/login')).json).toMatchObject({ base: { code: 11002 } })
    expect((await guess('/douyin/user/login/')).json).toMatchObject({ status_code: 11002 })
  }
  const fanone = await guess('/user/login')
  expect(fanone).toMatchObject({ status: 200, json: { base: { code: 10008 } } })
  expect(Number(fanone.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
  expect((await guess('/douyin/user/login/')).json).toMatchObject({ status_code: 10008, user_id: 0, token: '' })
})

test('one address may register 30 times a minute, another one is not held up by it', async () => {
  const address = randomAddress()
  const register = (from: string) =>
    send('POST', `${gateway.url}/v1/users`, {
      json: { username: 'x', password: 'y' },
      headers: { 'x-forwarded-for': from },
    })
  const answers = await Promise.all(Array.from({ length: 40 }, () => register(address)))
  expect(answers.filter(({ status }) => status === 400)).toHaveLength(30)
  for (const answer of answers.filter(({ status }) => status !== 400)) await expectRefused(answer)
  expectProblem(await register(randomAddress()), 400, 'invalid_input')
})

test('who is logged in is counted by who they are, not by where they come from', async () => {
  const [busy, other] = [await newMember(), await newMember()]
  const edit = (token: string) =>
    send('PATCH', `${gateway.url}/v1/users/me`, { token, json: {}, headers: { 'x-forwarded-for': randomAddress() } })
  for (let round = 0; round < 12; round++) {
    const answers = await Promise.all(Array.from({ length: 10 }, () => edit(busy.tokens.accessToken)))
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200))
  }
  await expectRefused(await edit(busy.tokens.accessToken))
  expect((await edit(other.tokens.accessToken)).status).toBe(200)
})

test('pages of the named origins may call, and no others', async () => {
  const ask = (origin: string) => send('GET', `${gateway.url}/v1/users/4711`, { headers: { origin } })
  for (const origin of ['https://app.example', 'https://other.example']) {
    const { headers } = await ask(origin)
    expect(headers.get('access-control-allow-origin')).toBe(origin)
    expect(headers.get('vary')).toMatch(/origin/i)
    expect(headers.get('access-control-expose-headers')).toMatch(/X-Request-Id/i)
  }
  for (const origin of ['https://app.example.evil', 'http://app.example', 'null']) {
    expect((await ask(origin)).headers.get('access-control-allow-origin')).toBeNull()
  }
  const preflight = await send('OPTIONS', `${gateway.url}/v1/users/me`, {
    headers: {
      origin: 'https://app.example',
      'access-control-request-method': 'PATCH',
      'access-control-request-headers': 'authorization,content-type',
    },
  })
  expect(preflight.status).toBe(204)
  expect(preflight.headers.get('access-control-allow-methods')).toMatch(/PATCH/)
  expect(preflight.headers.get('access-control-allow-headers')).toMatch(/authorization/i)
})
