import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { beforeEach, describe, expect, it } from 'vitest'
import { loadSigningKeys } from '../key/signing-key.ts'
import { AccessTokens } from './access-token.ts'
import { MemoryList, MemoryState } from './memory-state.ts'
import { formatRefreshToken, parseRefreshToken, REFRESH_SECRET_BYTES } from './refresh-token.ts'
import { LONGEST_SESSION_MS, SESSION_SECONDS } from './session.ts'
import { Sessions } from './sessions.ts'

const jwk = { ...generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }), kid: 'k1' }
const accessTokens = new AccessTokens(await loadSigningKeys(JSON.stringify(jwk)))
const refused = { code: 'refresh_token_invalid' }

let nowMs: number
let state: MemoryState
let list: MemoryList
let sessions: Sessions
let sessionId: string
let first: string

beforeEach(async () => {
  nowMs = 1_800_000_000_000
  state = new MemoryState()
  list = new MemoryList()
  sessions = newSessions()
  sessionId = randomUUID()
  const opening = {
    userId: 42,
    sessionId,
    secret: randomBytes(REFRESH_SECRET_BYTES),
    openedAtMs: nowMs,
    credentialsVersion: 1,
  }
  first = (await sessions.open(opening)).tokens.refreshToken
})

const newSessions = () =>
  new Sessions({ state, list, accessTokens, audit: { add: async () => {} }, log: { warn: () => {} }, now: () => nowMs })
const refresh = (token: string, idempotencyKey: string | undefined) => sessions.refresh(token, { idempotencyKey })
const end = (id = sessionId) => sessions.end({ sessionId: id, userId: 42 })

const isOver = async (token: string) => expect(refresh(token, 'another')).rejects.toMatchObject(refused)

describe('a refresh', () => {
  it('answers a new pair of the same session, again and again', async () => {
    let token = first
    for (let generation = 1; generation <= 3; generation++) {
      nowMs += 900_000
      const pair = await refresh(token, undefined)
      expect(decodeJwt(pair.accessToken)).toMatchObject({ sub: '42', sid: sessionId, iat: nowMs / 1_000 })
      expect(pair.refreshToken).not.toBe(token)
      token = pair.refreshToken
    }
  })

  it('repeated with its key within a minute answers the very same pair', async () => {
    const pair = await refresh(first, 'key')
    nowMs += 60_000
    expect(await refresh(first, 'key')).toEqual(pair)
    await expect(refresh(pair.refreshToken, 'next')).resolves.toBeDefined()
  })

  it('repeated with its key later ends the session', async () => {
    const pair = await refresh(first, 'key')
    nowMs += 60_001
    await isOver(first)
    await isOver(pair.refreshToken)
  })

  it('by twenty at once with one key gives all of them one pair', async () => {
    const pairs = await Promise.all(Array.from({ length: 20 }, () => refresh(first, 'key')))
    expect(new Set(pairs.map((pair) => JSON.stringify(pair))).size).toBe(1)
  })

  it('by twenty at once with keys of their own gives one pair and ends the session', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, (_, i) => refresh(first, `key ${i}`)))
    const pairs = outcomes.filter((outcome) => outcome.status === 'fulfilled')
    expect(pairs).toHaveLength(1)
    await isOver(pairs[0]?.value.refreshToken as string)
  })

  it('whose write was reported as failed though it was done still answers its pair', async () => {
    const replace = state.replace.bind(state)
    state.replace = async (...parameters) => {
      await replace(...parameters)
      return false
    }
    const pair = await refresh(first, undefined)
    state.replace = replace
    await expect(refresh(pair.refreshToken, 'next')).resolves.toBeDefined()
  })

  it('that died before its write can be tried anew, behind it repeated', async () => {
    state.beforeReplace = () => Promise.reject(new Error('killed'))
    await expect(refresh(first, 'key')).rejects.toThrow('killed')
    state.beforeReplace = async () => {}
    const pair = await refresh(first, 'key')
    sessions = newSessions()
    expect(await refresh(first, 'key')).toEqual(pair)
  })
})

describe('a session ends', () => {
  it('when a rotated token is used again, also one from long ago', async () => {
    const second = (await refresh(first, 'one')).refreshToken
    const third = (await refresh(second, 'two')).refreshToken
    await isOver(first)
    await isOver(third)
  })

  it('in the list too when a rotated token is used again', async () => {
    await refresh(first, 'one')
    await isOver(first)
    expect(list.ended).toEqual(new Set([sessionId]))
  })

  it('when it ended in the list, though the store did not answer then', async () => {
    const { get } = state
    state.get = () => Promise.reject(new Error('Redis is away'))
    await end()
    state.get = get
    await isOver(first)
  })

  it('when it is logged out, and twice is harmless', async () => {
    await end()
    await end()
    await end(randomUUID())
    await isOver(first)
  })

  it('even while it is refreshed', async () => {
    state.beforeReplace = async () => {
      state.beforeReplace = async () => {}
      await end()
    }
    await isOver(first)
    await isOver(first)
  })

  it('when it was not refreshed for 30 days, whether or not the store forgot it', async () => {
    nowMs += SESSION_SECONDS * 1_000
    await isOver(first)
  })

  it('a year after it began, however often it was refreshed', async () => {
    let token = first
    for (let month = 1; month <= 12; month++) {
      nowMs += 29 * 86_400_000
      token = (await refresh(token, `month ${month}`)).refreshToken
    }
    nowMs = 1_800_000_000_000 + LONGEST_SESSION_MS
    await isOver(token)
  })

  it('and cannot be opened again', async () => {
    const secret = parseRefreshToken(first)?.secret as Buffer
    await end()
    await sessions.open({ userId: 42, sessionId, secret, openedAtMs: nowMs, credentialsVersion: 1 })
    await isOver(first)
  })

  it('not because somebody knows its id', async () => {
    for (const secret of [randomBytes(48), Buffer.alloc(48)]) await isOver(formatRefreshToken({ sessionId, secret }))
    for (const text of [
      '',
      sessionId,
      `${sessionId}.`,
      `${first}A`,
      first.slice(0, -1),
      `${randomUUID()}.${first.split('.')[1]}`,
    ])
      await isOver(text)
    await expect(refresh(first, 'key')).resolves.toBeDefined()
  })
})

it('what is kept holds no secret', async () => {
  const second = (await refresh(first, 'the key')).refreshToken
  const kept = [...state.entries.values()].map((entry) => entry.json).join()
  for (const secret of [first.split('.')[1], second.split('.')[1], 'the key']) expect(kept).not.toContain(secret)
})

it('a session opened twice answers the same tokens', async () => {
  const login = {
    userId: 7,
    sessionId: randomUUID(),
    secret: randomBytes(48),
    openedAtMs: nowMs,
    credentialsVersion: 1,
  }
  const tokens = await sessions.open(login)
  nowMs += 5_000
  expect(await sessions.open({ ...login, openedAtMs: nowMs })).toEqual(tokens)
})

it('the owner of a token is told as long as it may be of use', async () => {
  await refresh(first, 'key')
  expect(await sessions.ownerOf(first)).toBe(42)
  await end()
  await expect(sessions.ownerOf(first)).rejects.toMatchObject(refused)
})

it('a token that lasts is given to whoever asks for one, the same again, and is no access token', async () => {
  const login = {
    userId: 7,
    sessionId: randomUUID(),
    secret: randomBytes(48),
    openedAtMs: nowMs,
    credentialsVersion: 1,
  }
  const { lastingToken = '' } = await sessions.open({ ...login, wantsLastingToken: true })
  expect(decodeProtectedHeader(lastingToken).typ).toBe('lasting+jwt')
  expect(decodeJwt(lastingToken)).toMatchObject({
    sub: '7',
    sid: login.sessionId,
    exp: nowMs / 1_000 + SESSION_SECONDS,
  })
  nowMs += 5_000
  expect((await sessions.open({ ...login, wantsLastingToken: true, openedAtMs: nowMs })).lastingToken).toBe(
    lastingToken,
  )
  expect(await sessions.open(login)).not.toHaveProperty('lastingToken')
})
