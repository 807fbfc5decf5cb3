import { randomInt } from 'node:crypto'
import { type Profile, userUpdated } from '@fanone/contracts'
import { expect, test } from 'vitest'
import { queryMysql, withRedis } from '../faults/ledger/stores.ts'
import { newMember } from '../support/community.ts'
import { freeze, publishRaw } from '../support/faults.ts'
import { sendTo, sidecarOf } from '../support/sidecars.ts'
import { eventually } from '../support/stack.ts'
import { countStatements } from '../support/statements.ts'

const user = await sidecarOf('user')
const key = (id: number) => `user:profiles:${id}`
const readsOf = (id: number) => `select %from \`profile\`%${id}%`

/** What the service answers for an id, asked as its sidecar would ask it. */
async function profilesOf(id: number): Promise<Profile[]> {
  const path = '/internal/profiles.getMany'
  const reply = await sendTo(user.appPort, { path, token: user.appToken, json: { ids: [id] } })
  expect(reply.status, reply.text).toBe(200)
  return (JSON.parse(reply.text) as { items: Profile[] }).items
}

const ask = (id: number, times: number) => Promise.all(Array.from({ length: times }, () => profilesOf(id)))
const signatureOf = async (id: number) => (await profilesOf(id))[0]?.signature

test('a thousand requests at once for a cold profile cause one query', async () => {
  const { id, username } = (await newMember()).user
  await withRedis((redis) => redis.del(key(id)))
  let answers: Profile[][] = []
  const statements = await countStatements(readsOf(id), async () => {
    answers = await ask(id, 1_000)
  })
  expect(answers.flat().map((profile) => profile.username)).toEqual(Array.from({ length: 1_000 }, () => username))
  expect(statements).toBe(1)
})

test('a thousand requests for somebody who does not exist cause one query at most, also when they come later', async () => {
  const id = randomInt(2 ** 47)
  const statements = await countStatements(readsOf(id), async () => {
    await ask(id, 500)
    await ask(id, 500)
  })
  expect(statements).toBe(1)
})

test('whoever has just registered is seen, and so is what they change, without a query and without an event', async () => {
  const thaw = await freeze('kafka')
  const member = await newMember()
  const { id } = member.user
  const statements = await countStatements(readsOf(id), async () => {
    expect(await profilesOf(id)).toHaveLength(1)
  })
  expect(statements).toBe(0)
  for (const signature of ['first', 'second', 'third']) {
    await member.api.users.editMe({ signature })
    expect(await signatureOf(id)).toBe(signature)
  }
  thaw()
})

test('a change whose writer was killed before it wrote the cache is seen after the event', async () => {
  const { id, username, updatedAt } = (await newMember()).user
  expect(await signatureOf(id)).toBe('')
  // The row as the service leaves it, without what follows the commit.
  await queryMysql("update user.profile set signature = 'committed', version = version + 1 where id = ?", [id])
  expect(await signatureOf(id)).toBe('')
  const data = { userId: id, version: 2, username, name: username, avatarKey: null, updatedAt }
  await publishRaw(userUpdated.topic, [{ type: userUpdated.type, aggregateId: id, data }])
  await eventually(async () => (await signatureOf(id)) === 'committed')
})
