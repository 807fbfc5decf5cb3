import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newMember, randomName } from '../support/community.ts'
import { expectProblem, send } from '../support/http.ts'
import { startSecondGateway } from '../support/second-gateway.ts'

/**
 * Behind a proxy on this machine. With this part of the limits of a real site a user may be guessed
 * fifteen times and log in twice a minute from one address, which the owner at home needs.
 */
let gateway: Awaited<ReturnType<typeof startSecondGateway>>
const FACTOR = 0.15
const GUESSES = 100 * FACTOR
beforeAll(async () => {
  gateway = await startSecondGateway({ RATE_LIMIT_FACTOR: String(FACTOR), TRUST_PROXY: '127.0.0.1' })
})
afterAll(() => gateway?.stop())

const randomAddress = () => `198.18.${randomInt(256)}.${randomInt(1, 255)}`
const logIn = (username: string, password: string, address = randomAddress()) =>
  send('POST', `${gateway.url}/v1/sessions`, { json: { username, password }, headers: { 'x-forwarded-for': address } })

test('who is guessed from everywhere still gets in from where they were before, and nobody else does', async () => {
  const { user, password } = await newMember('guessed')
  const home = randomAddress()
  expect((await logIn(user.username, password, home)).status).toBe(201)
  for (let tries = 0; tries < GUESSES; tries++)
    expectProblem(await logIn(user.username, 'not it'), 401, 'wrong_credentials')
  const stranger = await logIn(user.username, 'not it')
  const { detail } = expectProblem(stranger, 429, 'too_many_requests')
  expect(Number(stranger.headers.get('retry-after'))).toBeGreaterThan(0)
  expectProblem(await logIn(user.username, password), 429, 'too_many_requests')
  expect((await logIn(user.username, password, home)).status).toBe(201)

  // A name that nobody has gets the same answers.
  const nobody = randomName()
  for (let tries = 0; tries < GUESSES; tries++) expectProblem(await logIn(nobody, 'not it'), 401, 'wrong_credentials')
  expect(expectProblem(await logIn(nobody, 'not it'), 429, 'too_many_requests').detail).toBe(detail)
})

test('log-ins that succeed are no guesses', async () => {
  const { user, password } = await newMember('busy')
  for (let times = 0; times <= GUESSES; times++) expect((await logIn(user.username, password)).status).toBe(201)
})
