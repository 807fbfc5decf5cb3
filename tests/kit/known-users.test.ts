import {
  type Db,
  KnownUserEntity,
  KnownUsers,
  KnownUsers20261127,
  KnownUsers20261128,
  knownUserColumns,
  kysely,
} from '@fanone/service-kit'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { playedUsers, profileOf, userUpdatedDelivery } from '../support/played-users.ts'
import { scratchDatabase, silentLog } from '../support/scratch-database.ts'

const played = playedUsers()
let scratch: Awaited<ReturnType<typeof scratchDatabase>>
let first: Instance
let second: Instance

type Instance = Awaited<ReturnType<typeof instance>>

/** An instance of a service that shows users. */
async function instance() {
  const database = await scratch.open()
  const users = new KnownUsers({ database, getProfiles: played.getProfiles, log: silentLog })
  const hear = (profile: Parameters<typeof userUpdatedDelivery>[0]) =>
    users.handlers['user.updated'](userUpdatedDelivery(profile))
  return {
    users,
    hear,
    /** What pages show of users: the names of those that are known. */
    async names(...ids: number[]): Promise<string[]> {
      const shown = await Promise.all(ids.map((id) => rowOf(kysely<typeof KnownUserEntity>(database.em()), id)))
      return (await users.of(shown)).map(({ name }) => name)
    },
  }
}

/** A row of a list by this user. */
async function rowOf(db: Db<typeof KnownUserEntity>, userId: number) {
  const row = await db
    .selectFrom(sql<{ id: number }>`(select ${userId} as id)`.as('listed'))
    .leftJoin('known_user', 'known_user.id', 'listed.id')
    .select(knownUserColumns)
    .executeTakeFirstOrThrow()
  return { userId, ...row }
}

beforeAll(async () => {
  scratch = await scratchDatabase({ entities: [KnownUserEntity], migrations: [KnownUsers20261127, KnownUsers20261128] })
  first = await instance()
  second = await instance()
})
afterAll(() => scratch.drop())

let lastUser = 0
/** A user that the user service knows, and no event has brought. */
function newUser(facts: Partial<ReturnType<typeof profileOf>> = {}) {
  const profile = profileOf(++lastUser, facts)
  played.profiles.set(profile.id, profile)
  return profile
}

/** How often the user service was asked for somebody. */
const askedFor = (id: number) => played.asked.filter((ids) => ids.includes(id)).length

test('a user whom no event has brought is asked for once, by however many pages and instances', async () => {
  const user = newUser({ name: 'Ann', signature: 'Hi', avatarKey: 'a/b.png' })
  const pages = await Promise.all(Array.from({ length: 20 }, () => first.names(user.id)))
  expect(new Set(pages.flat())).toEqual(new Set(['Ann']))
  expect(await second.names(user.id, user.id)).toEqual(['Ann'])
  expect(askedFor(user.id)).toBe(1)
  const { version: _version, ...profile } = user
  const row = await rowOf(kysely<typeof KnownUserEntity>((await scratch.open()).em()), user.id)
  expect(await first.users.of([row])).toEqual([profile])
})

test('a page that looked before the answer was stored asks nobody again', async () => {
  const user = newUser({ name: 'Bea' })
  const row = await rowOf(kysely<typeof KnownUserEntity>((await scratch.open()).em()), user.id)
  expect(await first.names(user.id)).toEqual(['Bea'])
  expect((await first.users.of([row])).map(({ name }) => name)).toEqual(['Bea'])
  expect(askedFor(user.id)).toBe(1)
})

test('a new name shows in every instance; older and repeated events change nothing', async () => {
  const user = newUser({ name: 'first' })
  expect(await first.names(user.id)).toEqual(['first'])
  await first.hear({ ...user, version: 3, name: 'third' })
  await second.hear({ ...user, version: 2, name: 'second' })
  await second.hear({ ...user, version: 3, name: 'third' })
  expect(await first.names(user.id)).toEqual(['third'])
  expect(await second.names(user.id)).toEqual(['third'])
})

test('an answer that is older than an event, and comes after it, changes nothing', async () => {
  const user = newUser({ name: 'old' })
  const asking = first.names(user.id)
  await second.hear({ ...user, version: 2, name: 'new' })
  await asking
  expect(await first.names(user.id)).toEqual(['new'])
})

test('events of the same users at the same time, in both orders, all succeed', async () => {
  const users = [newUser(), newUser(), newUser()]
  const versions = Array.from({ length: 10 }, (_, index) => index + 2)
  const heard = versions.flatMap((version) =>
    (version % 2 === 0 ? users : users.toReversed()).map((user) =>
      (version % 3 === 0 ? first : second).hear({ ...user, version, name: `name ${version}` }),
    ),
  )
  expect(new Set(await Promise.all(heard))).toEqual(new Set(['handled']))
  expect(await first.names(...users.map(({ id }) => id))).toEqual(['name 11', 'name 11', 'name 11'])
})

test('nobody is asked for twice within a minute, and nobody is shown for them', async () => {
  const nobody = ++lastUser
  expect(await first.names(nobody)).toEqual([])
  expect(await first.names(nobody)).toEqual([])
  expect(askedFor(nobody)).toBe(1)
})

test('while the user service is away those who are known are shown, and the others later', async () => {
  const [known, unknown] = [newUser({ name: 'known' }), newUser({ name: 'unknown' })]
  await first.names(known.id)
  played.isAway = true
  expect(await first.names(known.id, unknown.id)).toEqual(['known'])
  played.isAway = false
  expect(await first.names(known.id, unknown.id)).toEqual(['known', 'unknown'])
})

test('what an event of an earlier release leaves out is asked for', async () => {
  const user = newUser({ name: 'as edited', signature: 'as edited', version: 2 })
  const old = userUpdatedDelivery({ ...user, name: 'as edited' })
  const { signature: _signature, backgroundKey: _background, createdAt: _createdAt, ...data } = old.data
  await first.users.handlers['user.updated']({ ...old, data })
  expect(await first.names(user.id)).toEqual(['as edited'])
  expect(askedFor(user.id)).toBe(1)
  // The user service still shows what was before.
  await first.users.handlers['user.updated']({ ...old, data: { ...data, version: 3, name: 'as told' } })
  expect(await second.names(user.id)).toEqual(['as told'])
  const nobody = { ...data, userId: ++lastUser }
  expect(await first.users.handlers['user.updated']({ ...old, data: nobody })).toBe('handled')
  expect(await first.names(nobody.userId)).toEqual([])
})

test('who is hidden is on no page and not asked for, until they are shown again', async () => {
  const user = newUser({ name: 'Hidden' })
  expect(await first.names(user.id)).toEqual(['Hidden'])
  await first.hear({ ...user, version: 2, isHidden: true })
  const asked = askedFor(user.id)
  expect(await first.names(user.id)).toEqual([])
  expect(await second.names(user.id)).toEqual([])
  expect(askedFor(user.id)).toBe(asked)
  await second.hear({ ...user, version: 3 })
  expect(await first.names(user.id)).toEqual(['Hidden'])
})
