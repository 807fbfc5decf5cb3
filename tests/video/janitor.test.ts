import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { mediaFolder, uploadKey } from '@fanone/storage'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { newUploadId, userWithId, type VideoParts, videoParts } from './video-parts.ts'

let parts: VideoParts
beforeAll(async () => {
  parts = await videoParts()
})
afterAll(() => parts.close())
beforeEach(async () => {
  for (const folder of ['uploads', 'media']) await parts.storage.deleteUnder(folder)
})

const author = userWithId(7)
const text = { title: 'title', description: '' }
const bytes = () => Readable.from([Buffer.from('bytes')])

test('public videos and young uploads stay, however often the janitor comes', async () => {
  const video = await parts.publications.publish(author, { uploadId: await parts.upload(parts.clip), ...text })
  for (const key of [video.videoKey, video.coverKey]) await parts.age(`media/${key}`)
  const young = newUploadId()
  await parts.storage.put(uploadKey(young), bytes())
  const halfPublished = newUploadId()
  await parts.storage.put(`${mediaFolder(halfPublished)}/video.mp4`, bytes())
  await parts.age(`${mediaFolder(halfPublished)}/video.mp4`)
  await parts.storage.put(`${mediaFolder(halfPublished)}/cover.jpg`, bytes())
  await parts.storage.put('media/avatars/somebody.jpg', bytes())
  await parts.age('media/avatars/somebody.jpg')
  const before = await parts.keys()
  expect(await parts.janitor.sweep()).toBe(0)
  expect(await parts.keys()).toEqual(before)
})

test('abandoned uploads and publications that stopped half-way are removed', async () => {
  for (const key of [
    uploadKey(newUploadId()),
    `media/${newUploadId()}/video.webm`,
    `media/${newUploadId()}/cover.jpg`,
  ]) {
    await parts.storage.put(key, bytes())
    await parts.age(key)
  }
  expect(await parts.janitor.sweep()).toBe(3)
  expect(await parts.keys()).toEqual([])
})

test('files that a deletion could not remove are removed at once', async () => {
  const uploadId = await parts.upload(parts.clip)
  const video = await parts.publications.publish(author, { uploadId, ...text })
  await parts.catalogue.delete(author, { id: video.id })
  expect(await parts.keys()).toEqual([])
  await parts.storage.put(`${mediaFolder(uploadId)}/video.mp4`, bytes())
  expect(await parts.janitor.sweep()).toBe(1)
  expect(await parts.keys()).toEqual([])
})

test('many uploads in several instances at once: each abandoned one goes, each public one stays', async () => {
  const video = await parts.publications.publish(author, { uploadId: await parts.upload(parts.clip), ...text })
  for (let index = 0; index < 230; index++) {
    const key = `media/${newUploadId()}/video.mp4`
    await parts.storage.put(key, bytes())
    await parts.age(key)
  }
  const other = await parts.instance()
  await Promise.all([parts.janitor.sweep(), other.janitor.sweep()])
  expect(await parts.keys()).toEqual([`media/${video.coverKey}`, `media/${video.videoKey}`])
})

test('a publication and the janitor that meet leave a whole video or nothing', async () => {
  for (let round = 0; round < 10; round++) {
    const uploadId = await parts.upload(parts.clip)
    await parts.storage.put(`${mediaFolder(uploadId)}/cover.jpg`, bytes())
    const publication = parts.publications.publish(author, { uploadId, ...text }).catch((error) => error)
    // The moment between the move and the insert is what matters.
    while ((await parts.storage.stat(uploadKey(uploadId))) !== null) await delay(1)
    await parts.remover.removeUnlessPublic(uploadId)
    const outcome = await publication
    const files = (await parts.keys()).filter((key) => key.includes(uploadId))
    if (outcome instanceof Error) {
      expect(outcome).toMatchObject({ code: 'upload_not_found' })
      expect(files).toEqual([])
      expect(await parts.videos.findByUpload(uploadId)).toBeNull()
    } else expect(files).toHaveLength(2)
  }
})

test('a stopped janitor ends', async () => {
  parts.janitor.start()
  await parts.janitor.stop()
})
