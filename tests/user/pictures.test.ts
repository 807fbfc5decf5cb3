import { Readable } from 'node:stream'
import sharp from 'sharp'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type UserParts, userParts } from './user-parts.ts'

let parts: UserParts
let png: Buffer
beforeAll(async () => {
  parts = await userParts()
  png = await sharp({ create: { width: 60, height: 60, channels: 3, background: 'red' } })
    .png()
    .toBuffer()
})
afterAll(() => parts.close())
beforeEach(async () => {
  for (const folder of ['uploads', 'media']) await parts.storage.deleteUnder(folder)
})

const filesOf = (key: string | null) =>
  [64, 128, 256, 512].map((width) => `media/${key?.replace('256', String(width))}`)

test('an avatar is shown and announced, and the one before it is gone', async () => {
  const ann = await parts.newUser()
  const first = await parts.service.set(ann, { kind: 'avatar', uploadId: await parts.upload(png) })
  expect(await parts.keys()).toEqual(filesOf(first.avatarKey).sort())
  const second = await parts.service.set(ann, { kind: 'avatar', uploadId: await parts.upload(png) })
  expect(second.avatarKey).not.toBe(first.avatarKey)
  expect(await parts.keys()).toEqual(filesOf(second.avatarKey).sort())
  expect((await parts.profiles.get(ann.userId)).avatarKey).toBe(second.avatarKey)
  const ofAnn = (await parts.events()).filter(({ data }) => data.userId === ann.userId)
  expect(ofAnn.map(({ data }) => [data.avatarKey, data.version])).toEqual([
    [first.avatarKey, 2],
    [second.avatarKey, 3],
  ])
})

test('a call that arrives twice, at once or later, counts once', async () => {
  const ben = await parts.newUser()
  const input = { kind: 'avatar', uploadId: await parts.upload(png) } as const
  const answers = await Promise.all([parts.service.set(ben, input), parts.service.set(ben, input)])
  answers.push(await parts.service.set(ben, input))
  expect(new Set(answers.map(({ avatarKey }) => avatarKey)).size).toBe(1)
  expect((await parts.events()).filter(({ data }) => data.userId === ben.userId)).toHaveLength(1)
  expect(await parts.keys()).toEqual(filesOf(answers[0]?.avatarKey ?? null).sort())
})

test('a repeat that comes meanwhile is answered like the first, though the picture was replaced since', async () => {
  const eva = await parts.newUser()
  const input = { kind: 'avatar', uploadId: await parts.upload(png) } as const
  const [first, repeat] = [parts.service.set(eva, input), parts.service.set(eva, input)]
  const { avatarKey } = await first
  await parts.service.remove(eva, { kind: 'avatar' })
  expect(await repeat).toMatchObject({ avatarKey })
})

test('a late repeat does not bring back what was replaced', async () => {
  const cid = await parts.newUser()
  const old = { kind: 'avatar', uploadId: await parts.upload(png) } as const
  await parts.service.set(cid, old)
  const shown = await parts.service.set(cid, { kind: 'avatar', uploadId: await parts.upload(png) })
  await expect(parts.service.set(cid, old)).rejects.toMatchObject({ code: 'upload_not_found' })
  expect((await parts.profiles.get(cid.userId)).avatarKey).toBe(shown.avatarKey)
})

test('removing a picture removes its files, and again is harmless', async () => {
  const dan = await parts.newUser()
  await parts.service.set(dan, { kind: 'avatar', uploadId: await parts.upload(png) })
  await parts.service.set(dan, { kind: 'background', uploadId: await parts.upload(png) })
  expect(await parts.service.remove(dan, { kind: 'avatar' })).toMatchObject({ avatarKey: null })
  expect(await parts.service.remove(dan, { kind: 'background' })).toMatchObject({ backgroundKey: null })
  expect(await parts.keys()).toEqual([])
  await parts.service.remove(dan, { kind: 'avatar' })
  const version = (await parts.events()).findLast(({ data }) => data.userId === dan.userId)?.data.version
  expect(version).toBe(5)
})

test('what is no picture changes nothing', async () => {
  const eve = await parts.newUser()
  const uploadId = await parts.upload(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))
  await expect(parts.service.set(eve, { kind: 'avatar', uploadId })).rejects.toMatchObject({ code: 'not_a_picture' })
  expect((await parts.profiles.get(eve.userId)).avatarKey).toBeNull()
  expect(await parts.keys()).toEqual([`uploads/${uploadId}`])
})

test('the janitor removes what no profile names, once it is old, and nothing else', async () => {
  const fay = await parts.newUser()
  const shown = await parts.service.set(fay, { kind: 'avatar', uploadId: await parts.upload(png) })
  const left = (user: number, id: string) => `media/users/${user}/${id.repeat(32)}/64.webp`
  const [abandoned, young, ofNobody] = [left(fay.userId, 'a'), left(fay.userId, 'b'), left(999, 'c')]
  for (const key of [abandoned, young, ofNobody]) await parts.storage.put(key, Readable.from([Buffer.from('x')]))
  for (const key of [abandoned, ofNobody, ...filesOf(shown.avatarKey)]) await parts.age(key)
  expect(await parts.janitor.sweep()).toBe(2)
  expect(await parts.keys()).toEqual([...filesOf(shown.avatarKey), young].sort())
})

test('the janitor and a change that meet leave a whole picture or none', async () => {
  const gus = await parts.newUser()
  for (let round = 0; round < 3; round++) {
    const uploadId = await parts.upload(png)
    const change = parts.service.set(gus, { kind: 'avatar', uploadId }).catch((error) => error)
    const folder = `media/users/${gus.userId}/${uploadId}`
    await expect.poll(async () => (await parts.storage.stat(`${folder}/512.webp`)) !== null, { interval: 1 }).toBe(true)
    for (const width of [64, 128, 256, 512]) await parts.age(`${folder}/${width}.webp`).catch(() => undefined)
    await parts.janitor.sweep()
    await change
    const { avatarKey } = await parts.profiles.get(gus.userId)
    expect(await parts.keys()).toEqual(expect.arrayContaining(avatarKey ? filesOf(avatarKey) : []))
  }
})
