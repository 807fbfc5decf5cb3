import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode } from '@fanone/service-kit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { api, GOOD_PASSWORD, type Member, newMember, publish, randomName } from '../support/community.ts'
import { call } from '../support/compat.ts'
import { eventually, home } from '../support/stack.ts'

const file = join(home, 'sensitive-words.txt')
/** Nobody else's texts hold it. */
const word = randomName('forbidden').replace('_', 'x')

let before: string
let member: Member
beforeAll(async () => {
  before = await readFile(file, 'utf8')
  member = await newMember('speaker')
  await writeFile(file, `${before}\n${word}\n敏感${word}\n`)
  await eventually(async () => (await refusedBy(() => member.api.users.editMe({ signature: `my ${word}` }))) === true)
  const video = await publish(member)
  await eventually(async () => (await refusedBy(() => publish(member, { title: word }))) === true)
  const comment = () => member.api.comments.create({ id: video.id, text: word })
  await eventually(async () => (await refusedBy(comment)) === true)
  // An attempt before the services had read the list was taken.
  await member.api.users.editMe({ signature: '' })
})
afterAll(() => writeFile(file, before))

async function refusedBy(work: () => Promise<unknown>): Promise<boolean | unknown> {
  try {
    await work()
    return false
  } catch (error) {
    return hasCode(error, 'sensitive_words') || error
  }
}

test('an installation begins with a list to write into', () => {
  expect(before).toContain('# Sensitive words')
})

test('a word that operators put on the list is refused in every text of videos and profiles, without a restart', async () => {
  const hidden = word.toUpperCase().split('').join('-')
  const video = await publish(member, { title: 'fine' })
  const attempts = {
    title: () => publish(member, { title: `about ${word}` }),
    description: () => publish(member, { description: hidden }),
    'title of an edit': () => member.api.videos.edit({ id: video.id, title: hidden }),
    'description of an edit': () => member.api.videos.edit({ id: video.id, description: word }),
    comment: () => member.api.comments.create({ id: video.id, text: hidden }),
    name: () => member.api.users.editMe({ name: word.slice(0, 32) }),
    signature: () => member.api.users.editMe({ signature: `my ${hidden}` }),
    'user name': () => api().users.register({ username: word.slice(0, 32), password: GOOD_PASSWORD }),
  }
  for (const [what, attempt] of Object.entries(attempts))
    expect({ what, refused: await refusedBy(attempt) }).toEqual({ what, refused: true })
  expect(await member.api.videos.get({ id: video.id })).toMatchObject({ title: 'fine', description: '' })
  expect((await member.api.users.getMe()).signature).toBe('')
})

test('a refusal names the parameter and not the word, and the compatibility APIs call it a wrong parameter', async () => {
  const error = await member.api.users.editMe({ signature: word }).catch((reason) => reason)
  expect(error).toMatchObject({ status: 422, detail: 'signature: holds words that are not allowed here' })
  const registration = { parameters: { username: word.slice(0, 32), password: GOOD_PASSWORD } }
  expect((await call('POST', '/user/register', registration)).json).toMatchObject({ base: { code: 10002 } })
  expect((await call('POST', '/douyin/user/register/', registration)).json).toMatchObject({ status_code: 10002 })
})
