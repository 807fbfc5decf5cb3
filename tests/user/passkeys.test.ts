import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { AccountProofs } from '../../services/user/src/account/account-proofs.ts'
import { MAX_PASSKEYS, PasskeyService } from '../../services/user/src/passkey/passkey.service.ts'
import { CHALLENGE_MS, PasskeyChallenges } from '../../services/user/src/passkey/passkey-challenges.ts'
import { RelyingParty } from '../../services/user/src/passkey/relying-party.ts'
import { Authenticator, type Deviation } from '../support/authenticator.ts'
import { type Clock, phoneParts } from './phone-parts.ts'

const clock: Clock = { nowMs: Date.now() }
let parts: Awaited<ReturnType<typeof phoneParts>>
let one: PasskeyService
let other: PasskeyService
let challenges: PasskeyChallenges
let userId: number
let passwordHash: string

const PASSWORD = 'a horse that reads 12 books'
const refused = (code: string) => expect.objectContaining({ code })
const me = (id = userId) => ({ userId: id, sessionId: 's' })
const signal = undefined

beforeAll(async () => {
  parts = await phoneParts(clock)
  const now = () => new Date(clock.nowMs)
  const serviceOf = (instance: typeof parts.one) => {
    challenges = new PasskeyChallenges({ ...instance, now })
    const proofs = new AccountProofs(instance)
    return new PasskeyService({ ...instance, challenges, proofs, site: new RelyingParty([]), now })
  }
  other = serviceOf(parts.two)
  one = serviceOf(parts.one)
  passwordHash = await parts.one.hasher.hash(PASSWORD, signal)
})
afterAll(() => parts.close())
beforeEach(async () => {
  clock.nowMs = Date.now()
  userId = await newUser()
})

async function newUser(): Promise<number> {
  const { database, accounts } = parts.one
  const created = await database.transaction((em) =>
    accounts.add(em, { username: undefined, passwordHash, origin: undefined }),
  )
  return created.userId
}

let calls = 0
const begin = (id = userId, key = `begin ${calls++}`) => one.begin(me(id), { password: PASSWORD }, { key, signal })
const optionsOf = async (id = userId) => (await begin(id)).publicKey
const requestOptions = async () => (await one.beginLogIn()).publicKey
async function added(id = userId) {
  const authenticator = new Authenticator()
  const credential = authenticator.create(await optionsOf(id))
  return { authenticator, passkey: await one.add(me(id), { name: 'telephone', credential }) }
}
const logIn = async (authenticator: Authenticator, deviation?: Deviation) =>
  one.logIn({ credential: authenticator.get(await requestOptions(), deviation) }, `log in ${calls++}`)
const actionsOf = async () =>
  (await parts.query(`select action from $audit_event where user_id = ${userId} order by id`)) as { action: string }[]

describe('a passkey', () => {
  test('is made for the password, and opens a session by itself', async () => {
    const { authenticator, passkey } = await added()
    expect(passkey).toMatchObject({ name: 'telephone', isSynced: false, lastUsedAt: null })
    const { user, tokens } = await logIn(authenticator)
    expect(user.id).toBe(userId)
    expect(tokens.accessToken).toMatch(/^ey/)
    expect(await one.list(me())).toEqual([{ ...passkey, lastUsedAt: new Date(clock.nowMs).toISOString() }])
    expect((await actionsOf()).map(({ action }) => action)).toEqual(['signed_up', 'passkey_added', 'signed_in'])
  })

  test('is not made for a wrong password, or for none', async () => {
    for (const proof of [{ password: 'wrong' }, {}])
      await expect(one.begin(me(), proof, { key: undefined, signal })).rejects.toEqual(refused('wrong_password'))
  })

  test('is one row however often the same answer comes, and the asking is answered the same', async () => {
    expect(await begin(userId, 'same')).toEqual(await begin(userId, 'same'))
    const credential = new Authenticator().create(await optionsOf())
    const answers = await Promise.all([one, other, one].map((service) => service.add(me(), { name: 'x', credential })))
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1)
    expect(await one.list(me())).toHaveLength(1)
  })

  test('answers a challenge once: a second authenticator cannot use it, nor another user', async () => {
    const options = await optionsOf()
    await one.add(me(), { name: 'first', credential: new Authenticator().create(options) })
    const second = { name: 'second', credential: new Authenticator().create(options) }
    await expect(other.add(me(), second)).rejects.toEqual(refused('passkey_invalid'))
    const stranger = await newUser()
    const stolen = { name: 'stolen', credential: new Authenticator().create(await optionsOf()) }
    await expect(one.add(me(stranger), stolen)).rejects.toEqual(refused('passkey_invalid'))
  })

  test('has to be made within five minutes', async () => {
    const credential = new Authenticator().create(await optionsOf())
    clock.nowMs += CHALLENGE_MS
    await expect(one.add(me(), { name: 'late', credential })).rejects.toEqual(refused('passkey_invalid'))
  })

  test('of somebody cannot be added to another account', async () => {
    const { authenticator } = await added()
    const stranger = await newUser()
    const copy = { name: 'copy', credential: authenticator.create(await optionsOf(stranger)) }
    await expect(one.add(me(stranger), copy)).rejects.toEqual(refused('passkey_invalid'))
  })

  test('is renamed and removed by its owner only', async () => {
    const { authenticator, passkey } = await added()
    const stranger = me(await newUser())
    await expect(one.rename(stranger, { id: passkey.id, name: 'mine' })).rejects.toEqual(refused('passkey_not_found'))
    await expect(one.remove(stranger, passkey, undefined)).rejects.toEqual(refused('passkey_not_found'))
    expect(await one.rename(me(), { id: passkey.id, name: 'key ring' })).toEqual({ ...passkey, name: 'key ring' })
    await logIn(authenticator)
    await one.remove(me(), passkey, 'remove')
    await other.remove(me(), passkey, 'remove')
    await expect(one.remove(me(), passkey, 'again')).rejects.toEqual(refused('passkey_not_found'))
    expect(await one.list(me())).toEqual([])
    await expect(logIn(authenticator)).rejects.toEqual(refused('passkey_invalid'))
    expect((await actionsOf()).filter(({ action }) => action === 'passkey_removed')).toHaveLength(1)
  })

  test(`comes with at most ${MAX_PASSKEYS - 1} others`, async () => {
    const options = await optionsOf()
    const [row] = (await parts.query('select max(id) as id from $account')) as { id: number }[]
    const filler = Array.from({ length: MAX_PASSKEYS }, (_, index) => {
      const id = Number(row?.id) + index
      return `(${id}, ${userId}, 'filler${id}', 'x', 0, '', 'x', 0, now(3), null)`
    })
    await parts.query(`insert into $passkey values ${filler.join()}`)
    const credential = new Authenticator().create(options)
    await expect(one.add(me(), { name: 'more', credential })).rejects.toEqual(refused('too_many_passkeys'))
    await expect(optionsOf()).rejects.toEqual(refused('too_many_passkeys'))
  })

  test.each<[string, Deviation]>([
    ['a page of another site', { origin: 'https://evil.example' }],
    ['a host that ends like this machine', { origin: 'http://localhost.evil.example' }],
    ['another host', { rpId: 'evil.example' }],
    ['an authenticator that does not know its owner', { isUserVerified: false }],
    ['an answer to another question', { type: 'webauthn.get' }],
    [
      'a statement with certificates',
      { attestation: { fmt: 'packed', attStmt: new Map([['x5c', [new Uint8Array(9)]]]) } },
    ],
    ['an unknown statement', { attestation: { fmt: 'tpm', attStmt: new Map() } }],
  ])('is not taken from %s', async (_, deviation) => {
    const credential = new Authenticator().create(await optionsOf(), deviation)
    await expect(one.add(me(), { name: 'x', credential })).rejects.toEqual(refused('passkey_invalid'))
  })
})

describe('logging in', () => {
  test.each<[string, Deviation]>([
    ['a page of another site', { origin: 'https://evil.example' }],
    ['another host', { rpId: 'evil.example' }],
    ['an authenticator that does not know its owner', { isUserVerified: false }],
    ['an answer to another question', { type: 'webauthn.create' }],
  ])('is refused for %s, and noted', async (_, deviation) => {
    const { authenticator } = await added()
    await expect(logIn(authenticator, deviation)).rejects.toEqual(refused('passkey_invalid'))
    expect((await actionsOf()).at(-1)).toEqual({ action: 'sign_in_failed' })
  })

  test('is refused for a passkey that nobody has, a foreign signature and a made-up challenge', async () => {
    await expect(logIn(new Authenticator())).rejects.toEqual(refused('passkey_invalid'))
    const { authenticator } = await added()
    const foreign = new Authenticator().get(await requestOptions())
    const named = { id: authenticator.credentialId, rawId: authenticator.credentialId }
    await expect(one.logIn({ credential: { ...foreign, ...named } }, undefined)).rejects.toEqual(
      refused('passkey_invalid'),
    )
    const madeUp = authenticator.get({ rpId: 'localhost', challenge: Buffer.alloc(54).toString('base64url') })
    await expect(one.logIn({ credential: madeUp }, undefined)).rejects.toEqual(refused('passkey_invalid'))
  })

  test('takes an answer once, of fifty at the same time by two instances', async () => {
    const { authenticator } = await added()
    const credential = authenticator.get(await requestOptions())
    const uses = Array.from({ length: 50 }, (_, index) =>
      (index % 2 ? one : other).logIn({ credential }, `race ${calls++} ${index}`),
    )
    const outcomes = await Promise.allSettled(uses)
    const refusals = ['passkey_invalid', 'unavailable', 'POOL_TIMEOUT']
    for (const outcome of outcomes) if (outcome.status === 'rejected') expect(refusals).toContain(outcome.reason.code)
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test('gives a repeat of its call the same tokens, also to another instance', async () => {
    const { authenticator } = await added()
    const credential = authenticator.get(await requestOptions())
    const key = `repeat ${calls++}`
    expect(await one.logIn({ credential }, key)).toEqual(await other.logIn({ credential }, key))
  })

  test('finds a copy by its counter, which must not stand still', async () => {
    const { authenticator } = await added()
    await logIn(authenticator, { counter: 7 })
    for (const counter of [7, 3, 0])
      await expect(logIn(authenticator, { counter })).rejects.toEqual(refused('passkey_invalid'))
    await logIn(authenticator, { counter: 8 })
  })

  test('bears an authenticator that does not count', async () => {
    const { authenticator } = await added()
    await logIn(authenticator, { counter: 0 })
    await logIn(authenticator, { counter: 0 })
  })

  test('is refused for who is banned', async () => {
    const { authenticator } = await added()
    await parts.one.bans.ban({ userId: 1, sessionId: 's', role: 'operator' }, userId, { reason: 'spam' })
    await expect(logIn(authenticator)).rejects.toEqual(refused('account_banned'))
  })

  test('leaves answered challenges only as long as they might be answered again', async () => {
    const { authenticator } = await added()
    await logIn(authenticator)
    clock.nowMs += 2 * CHALLENGE_MS + 1
    await challenges.deleteOld(new AbortController().signal)
    expect(await parts.query('select * from $spent_challenge')).toEqual([])
  })
})
