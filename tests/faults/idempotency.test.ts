import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { type Database, runOnce } from '@fanone/service-kit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { deleteOldRows } from '../../packages/service-kit/src/database/housekeeping.ts'
import { newMember, randomName } from '../support/community.ts'
import { freeze } from '../support/faults.ts'
import { type Answer, expectProblem, send } from '../support/http.ts'
import { scaled } from '../support/sampling.ts'
import { connectAsRoot, scratchDatabase } from '../support/scratch-database.ts'
import { newUploadId, userWithId, videoParts } from '../video/video-parts.ts'

const atOnce = 50
const keys = scaled({ quick: 200, full: 5_000 })

/** One try after the other until there is an answer; a busy or absent part of the site is none. */
async function untilAnswered(attempt: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    const answer = await attempt()
    if (![429, 503, 504].includes(answer.status)) return answer
    await delay(300 * (0.5 + Math.random()))
  }
}

const register = (key: string, username: string, password = 'one password') =>
  send('POST', '/v1/users', { json: { username, password }, headers: { 'idempotency-key': key } })

async function accountsLike(name: string): Promise<number> {
  const admin = await connectAsRoot()
  try {
    const [rows] = await admin.query('select count(*) as n from user.profile where username like ?', [`${name}%`])
    return Number((rows as { n: number }[])[0]?.n)
  } finally {
    await admin.end()
  }
}

describe('R16: registering', () => {
  test(`with one key ${atOnce} times at once makes one user, and answers the same to all`, {
    timeout: 240_000,
  }, async () => {
    const [key, username] = [randomUUID(), randomName('once')]
    const all = Array.from({ length: atOnce }, () => untilAnswered(() => register(key, username)))
    const answers = await Promise.all(all)
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`))).toEqual(
      new Set([`201 ${answers[0]?.text}`]),
    )
    expect(await accountsLike(username)).toBe(1)
  })

  test('with one key for two users at once makes one of them, and refuses the other', {
    timeout: 120_000,
  }, async () => {
    const [key, username] = [randomUUID(), randomName('either')]
    const names = Array.from({ length: 12 }, (_, index) => `${username}_${index % 2}`)
    const answers = await Promise.all(names.map((name) => untilAnswered(() => register(key, name))))
    const made = answers.filter(({ status }) => status === 201)
    expect(new Set(made.map(({ text }) => text)).size).toBe(1)
    for (const answer of answers.filter(({ status }) => status !== 201))
      expectProblem(answer, 422, 'idempotency_key_reused')
    expect(made).toHaveLength(6)
    expect(await accountsLike(username)).toBe(1)
  })

  test('that got no answer because the database hung has one effect when it is repeated', {
    timeout: 120_000,
  }, async () => {
    const [key, username] = [randomUUID(), randomName('again')]
    const thaw = await freeze('mysql')
    const first = await register(key, username)
    thaw()
    expect([503, 504]).toContain(first.status)
    const second = await untilAnswered(() => register(key, username))
    expect(second.status).toBe(201)
    expect((await untilAnswered(() => register(key, username))).text).toBe(second.text)
    expect(await accountsLike(username)).toBe(1)
  })
})

test(`R16: refreshing with one token ${atOnce} times at once gives everybody the same new pair`, {
  timeout: 120_000,
}, async () => {
  const { tokens } = await newMember()
  const refresh = (refreshToken: string) => send('POST', '/v1/sessions/refresh', { json: { refreshToken } })
  const all = Array.from({ length: atOnce }, () => untilAnswered(() => refresh(tokens.refreshToken)))
  const pairs = (await Promise.all(all)).map(({ json }) => (json as { tokens?: object }).tokens)
  expect(new Set(pairs.map((pair) => JSON.stringify(pair))).size).toBe(1)
  expect(pairs[0]).toMatchObject({ refreshToken: expect.not.stringContaining(tokens.refreshToken) })
})

test(`R16: publishing one upload ${atOnce} times at once makes one video`, { timeout: 240_000 }, async () => {
  const parts = await videoParts()
  try {
    const uploadId = await parts.upload(parts.clip)
    const publication = { uploadId, title: 'once', description: '' }
    const all = Array.from({ length: atOnce }, () => parts.publications.publish(userWithId(9), publication))
    const videos = await Promise.all(all)
    expect(new Set(videos.map(({ id }) => id)).size).toBe(1)
    expect((await parts.catalogue.pageByAuthor({ authorId: 9, offset: 0, limit: 10 })).total).toBe(1)
    await expect(
      parts.publications.publish(userWithId(9), { ...publication, uploadId: newUploadId() }),
    ).rejects.toMatchObject({ code: 'upload_not_found' })
  } finally {
    await parts.close()
  }
})

describe('R16: keys', () => {
  let scratch: Awaited<ReturnType<typeof scratchDatabase>>
  let database: Database
  beforeAll(async () => {
    scratch = await scratchDatabase()
    database = await scratch.open()
  })
  afterAll(() => scratch?.drop())

  test(`${keys} of them, each used four times, and once for something else: one effect each`, {
    timeout: 300_000,
  }, async () => {
    const effects = new Map<number, number>()
    const use = (key: number, input: string) =>
      runOnce(database, { operation: 'mass', identity: undefined, key: `key ${key}`, input }, async () => {
        effects.set(key, (effects.get(key) ?? 0) + 1)
        return { key, input }
      })
    for (let key = 0; key < keys; key += 2) {
      const uses = [key, key + 1].flatMap((one) => Array.from({ length: 4 }, () => use(one, 'mine')))
      const answers = await Promise.all(uses)
      expect(answers.map((answer) => answer.input)).toEqual(Array(8).fill('mine'))
      await expect(use(key, 'other')).rejects.toMatchObject({ code: 'idempotency_key_reused' })
    }
    const [row] = await database.em().execute<{ n: number }[]>('select count(*) as n from idempotency')
    expect(Number(row?.n)).toBe(keys)
  })

  test('are kept for 24 hours and forgotten then', async () => {
    let runs = 0
    const use = () =>
      runOnce(database, { operation: 'aging', identity: undefined, key: 'one', input: {} }, async () => ++runs)
    const age = (hours: number) =>
      database
        .em()
        .execute(
          `update idempotency set created_at = utc_timestamp(3) - interval ${hours} hour where operation = 'aging'`,
          [],
          'run',
        )
    expect(await use()).toBe(1)
    await age(23)
    await deleteOldRows(database)
    expect(await use()).toBe(1)
    await age(25)
    await deleteOldRows(database)
    expect(await use()).toBe(2)
  })
})
