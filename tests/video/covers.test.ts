import { Readable } from 'node:stream'
import { uploadKey } from '@fanone/storage'
import sharp from 'sharp'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { newUploadId, userWithId, type VideoParts, videoParts } from './video-parts.ts'

let parts: VideoParts
let png: Buffer
beforeAll(async () => {
  parts = await videoParts()
  png = await sharp({ create: { width: 90, height: 160, channels: 3, background: 'red' } })
    .png()
    .toBuffer()
})
afterAll(() => parts.close())
beforeEach(async () => {
  for (const folder of ['uploads', 'media']) await parts.storage.deleteUnder(folder)
})

const author = userWithId(7)
const newVideo = async () =>
  parts.publications.publish(author, { uploadId: await parts.upload(parts.clip), title: 'title', description: '' })
async function newPicture(bytes: Uint8Array = png): Promise<string> {
  const uploadId = newUploadId()
  await parts.storage.put(uploadKey(uploadId), Readable.from([bytes]))
  return uploadId
}
const filesOf = (coverKey: string) =>
  [320, 640, 1280].map((width) => `media/${coverKey.replace('1280', String(width))}`)

test('a chosen cover is shown and announced; the drawn one stays for when it is removed', async () => {
  const drawn = await newVideo()
  const first = await parts.covers.set(author, { id: drawn.id, uploadId: await newPicture() })
  const second = await parts.covers.set(author, { id: drawn.id, uploadId: await newPicture() })
  const kept = [`media/${drawn.coverKey}`, `media/${drawn.videoKey}`]
  expect(await parts.keys()).toEqual([...kept, ...filesOf(second.coverKey)].sort())
  const removed = await parts.covers.remove(author, { id: drawn.id })
  expect(removed.coverKey).toBe(drawn.coverKey)
  expect(await parts.keys()).toEqual(kept)
  expect((await parts.eventsOf(drawn.id)).map(({ type, data }) => [type, data.coverKey, data.version])).toEqual([
    ['video.published.v1', drawn.coverKey, 1],
    ['video.updated.v1', first.coverKey, 2],
    ['video.updated.v1', second.coverKey, 3],
    ['video.updated.v1', drawn.coverKey, 4],
  ])
  expect((await parts.catalogue.getMany({ ids: [drawn.id] })).items[0]?.coverKey).toBe(drawn.coverKey)
})

test('a call that arrives twice counts once, and a late one brings nothing back', async () => {
  const { id } = await newVideo()
  const input = { id, uploadId: await newPicture() }
  const answers = await Promise.all([parts.covers.set(author, input), parts.covers.set(author, input)])
  expect(new Set(answers.map(({ coverKey }) => coverKey)).size).toBe(1)
  expect(await parts.eventsOf(id)).toHaveLength(2)
  await parts.covers.remove(author, { id })
  await expect(parts.covers.set(author, input)).rejects.toMatchObject({ code: 'upload_not_found' })
})

test('only the author chooses, of videos that are there, and only pictures', async () => {
  const video = await newVideo()
  const uploadId = await newPicture()
  const before = await parts.keys()
  const other = userWithId(8)
  await expect(parts.covers.set(other, { id: video.id, uploadId })).rejects.toMatchObject({ code: 'forbidden' })
  await expect(parts.covers.remove(other, { id: video.id })).rejects.toMatchObject({ code: 'forbidden' })
  await expect(parts.covers.set(author, { id: 1, uploadId })).rejects.toMatchObject({ code: 'video_not_found' })
  expect(await parts.keys()).toEqual(before)
  const page = await newPicture(Buffer.from('<html>'))
  await expect(parts.covers.set(author, { id: video.id, uploadId: page })).rejects.toMatchObject({
    code: 'not_a_picture',
  })
})

test('a deleted video takes all of its covers along, also one that was chosen meanwhile', async () => {
  const { id } = await newVideo()
  await parts.covers.set(author, { id, uploadId: await newPicture() })
  const late = parts.covers.set(author, { id, uploadId: await newPicture() }).catch((error) => error)
  await parts.catalogue.delete(author, { id })
  await late
  await parts.janitor.sweep()
  expect((await parts.keys()).filter((key) => key.startsWith('media/'))).toEqual([])
})

test('the janitor removes old covers that their video does not show, and nothing else', async () => {
  const video = await newVideo()
  const shown = await parts.covers.set(author, { id: video.id, uploadId: await newPicture() })
  const folder = filesOf(shown.coverKey)[0]?.split('/').slice(0, 3).join('/')
  const [old, young] = ['a', 'b'].map((letter) => `${folder}/${letter.repeat(32)}/320.webp`) as [string, string]
  for (const key of [old, young]) await parts.storage.put(key, Readable.from([Buffer.from('x')]))
  for (const key of [old, ...filesOf(shown.coverKey)]) await parts.age(key)
  const before = await parts.keys()
  expect(await parts.janitor.sweep()).toBe(1)
  expect(await parts.keys()).toEqual(before.filter((key) => key !== old))
})
