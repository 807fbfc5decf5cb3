import { afterAll, beforeAll, expect, test } from 'vitest'
import { api, type Member, newMember, publish } from '../support/community.ts'
import { drawing, partOf } from '../support/drawings.ts'
import { send } from '../support/http.ts'
import { newOperator } from '../support/operators.ts'
import { startSecondGateway } from '../support/second-gateway.ts'
import { apiUrl, eventually } from '../support/stack.ts'

/** What is promised of whatever has to be over (docs/security.md), where nothing else runs. */
const PROMISED_MS = 5_000

let operator: Member
let second: Awaited<ReturnType<typeof startSecondGateway>>
beforeAll(async () => {
  operator = await newOperator()
  second = await startSecondGateway({})
})
afterAll(() => second?.stop())

/** By every gateway. */
async function isRefused(token: string): Promise<boolean> {
  const answers = await Promise.all([apiUrl, second.url].map((url) => send('GET', `${url}/v1/users/me`, { token })))
  return answers.every(({ status }) => status === 401)
}

/** @returns ms from the end of `work` until the condition holds */
async function timeUntil(work: () => Promise<unknown>, condition: () => Promise<boolean>): Promise<number> {
  await work()
  const startedAt = performance.now()
  await eventually(condition)
  return performance.now() - startedAt
}

test('the token of an ended session is refused in time', async () => {
  const member = await newMember()
  const { user, tokens } = await api().sessions.logIn({ username: member.user.username, password: member.password })
  expect(user.id).toBe(member.user.id)
  const took = await timeUntil(
    () => member.api.sessions.endOthers(),
    () => isRefused(tokens.accessToken),
  )
  expect(took).toBeLessThan(PROMISED_MS)
})

test('who is banned is out, and hidden, in time', async () => {
  const [banned, reader] = [await newMember(), await newMember()]
  const { id } = await publish(banned)
  const isHidden = () =>
    reader.api.videos.get({ id }).then(
      () => false,
      ({ code }) => code === 'video_not_found',
    )
  const took = await timeUntil(
    () => operator.api.ops.ban({ id: banned.user.id, reason: 'spam' }),
    async () => (await isHidden()) && (await isRefused(banned.tokens.accessToken)),
  )
  expect(took).toBeLessThan(PROMISED_MS)
})

test('a picture leaves the search in time with its video', async () => {
  const author = await newMember()
  const { id } = await publish(author)
  const file = (bytes: Uint8Array) => new File([Uint8Array.from(bytes)], 'picture')
  await author.api.pictures.setCover({ id, file: file(await drawing(2)) })
  const query = await partOf(await drawing(2))
  const isFound = async () => {
    const { items } = await author.api.pictures.search({ file: file(query), limit: '20' as never })
    return items.some(({ video }) => video?.id === id)
  }
  await eventually(isFound, { timeoutMs: 100_000 })
  const took = await timeUntil(
    () => author.api.videos.delete({ id }),
    async () => !(await isFound()),
  )
  expect(took).toBeLessThan(PROMISED_MS)
})
