import { writeFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { Description, idTimeMs, Title, Video } from '@fanone/contracts'
import { mediaFolder, publicKey, StorageFullError, uploadKey } from '@fanone/storage'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { newUploadId, userWithId, type VideoParts, videoParts } from './video-parts.ts'

let parts: VideoParts
beforeAll(async () => {
  parts = await videoParts()
})
afterAll(() => parts.close())

const author = userWithId(7)
const text = { title: 'Titel 标题 🎬', description: 'line one\nline two' }

test('an upload becomes a video whose files are in place', async () => {
  const uploadId = await parts.upload(parts.clip)
  const video = await parts.publications.publish(author, { uploadId, ...text })
  expect(Video.parse(video)).toEqual(video)
  expect(video).toMatchObject({ authorId: 7, ...text, width: 320, height: 240, durationMs: 1000, version: 1 })
  expect(video.videoKey).toBe(`${uploadId}/video.mp4`)
  expect((await parts.storage.stat(publicKey(video.videoKey)))?.sizeBytes).toBe(video.sizeBytes)
  expect(await parts.storage.stat(publicKey(video.coverKey))).not.toBeNull()
  expect(await parts.storage.stat(uploadKey(uploadId))).toBeNull()
})

test('a video is created at the time in its id, and its event says the same', async () => {
  const uploadId = await parts.upload(parts.clip)
  const before = Date.now()
  const video = await parts.publications.publish(author, { uploadId, ...text })
  expect(Date.parse(video.createdAt)).toBe(idTimeMs(video.id))
  expect(idTimeMs(video.id)).toBeGreaterThan(before)
  const events = await parts.eventsOf(video.id)
  expect(events.map((event) => event.type)).toEqual(['video.published.v1'])
  expect(events[0]?.data).toMatchObject({ videoId: video.id, ...text, version: 1, createdAt: video.createdAt })
  expect(await parts.catalogue.getMany({ ids: [video.id] })).toEqual({ items: [video] })
})

test('publishing again answers the same video, whatever the text', async () => {
  const uploadId = await parts.upload(parts.clip)
  const video = await parts.publications.publish(author, { uploadId, ...text })
  expect(await parts.publications.publish(author, { uploadId, title: 'other', description: '' })).toEqual(video)
  expect(await parts.eventsOf(video.id)).toHaveLength(1)
})

test('published by three instances at once, an upload becomes one video', async () => {
  const instances = [parts, await parts.instance(), await parts.instance()]
  for (let round = 0; round < 5; round++) {
    const uploadId = await parts.upload(parts.clip)
    const calls = [...instances, ...instances].map((one) => one.publications.publish(author, { uploadId, ...text }))
    const [first, ...others] = await Promise.all(calls)
    for (const other of others) expect(other).toEqual(first)
    expect(await parts.eventsOf(first?.id ?? 0)).toHaveLength(1)
    expect(await parts.storage.stat(publicKey(first?.videoKey ?? ''))).not.toBeNull()
  }
})

test("somebody else's upload is not found", async () => {
  const uploadId = await parts.upload(parts.clip)
  await parts.publications.publish(author, { uploadId, ...text })
  const attempt = parts.publications.publish(userWithId(8), { uploadId, ...text })
  await expect(attempt).rejects.toMatchObject({ code: 'upload_not_found' })
})

test('an upload that is not there is not found', async () => {
  const attempt = parts.publications.publish(author, { uploadId: newUploadId(), ...text })
  await expect(attempt).rejects.toMatchObject({ code: 'upload_not_found' })
})

test('a deleted video cannot be brought back by its upload', async () => {
  const uploadId = await parts.upload(parts.clip)
  const video = await parts.publications.publish(author, { uploadId, ...text })
  await parts.catalogue.delete(author, { id: video.id })
  const attempt = parts.publications.publish(author, { uploadId, ...text })
  await expect(attempt).rejects.toMatchObject({ code: 'upload_not_found' })
})

test('what is not a video is refused with the reason, and removed', async () => {
  await writeFile(`${parts.clip}.txt`, 'this is text, named .mp4 by somebody')
  const uploadId = await parts.upload(`${parts.clip}.txt`)
  const attempt = parts.publications.publish(author, { uploadId, ...text })
  await expect(attempt).rejects.toMatchObject({
    code: 'not_a_video',
    detail: 'Only MP4, MOV and WebM files are accepted',
  })
  expect((await parts.keys()).filter((key) => key.includes(uploadId))).toEqual([])
})

test('a publication for which there is no room is refused as such and leaves nothing, not even its cover', async () => {
  const uploadId = await parts.upload(parts.clip)
  vi.spyOn(parts.storage, 'move').mockRejectedValueOnce(new StorageFullError())
  const attempt = parts.publications.publish(author, { uploadId, ...text })
  await expect(attempt).rejects.toMatchObject({ code: 'storage_full' })
  expect((await parts.keys()).filter((key) => key.includes(uploadId))).toEqual([])
})

test.each(['cover made', 'file moved'])(
  'a publication that died after "%s" is finished by the next call',
  async (step) => {
    const uploadId = await parts.upload(parts.clip)
    await parts.storage.put(`${mediaFolder(uploadId)}/cover.jpg`, Readable.from([Buffer.from('half a cover')]))
    if (step === 'file moved') await parts.storage.move(uploadKey(uploadId), `${mediaFolder(uploadId)}/video.mp4`)
    const video = await parts.publications.publish(author, { uploadId, ...text })
    expect((await parts.storage.stat(publicKey(video.coverKey)))?.sizeBytes).toBeGreaterThan(1000)
    expect(await parts.eventsOf(video.id)).toHaveLength(1)
  },
)

test('a video whose files vanish before it is recorded is not published', async () => {
  const uploadId = await parts.upload(parts.clip)
  const recording = vi.spyOn(parts.videos, 'transaction').mockImplementationOnce(async (work) => {
    await parts.storage.deleteUnder(mediaFolder(uploadId))
    recording.mockRestore()
    return parts.videos.transaction(work)
  })
  const attempt = parts.publications.publish(author, { uploadId, ...text })
  await expect(attempt).rejects.toMatchObject({ code: 'upload_not_found' })
  expect(await parts.videos.findByUpload(uploadId)).toBeNull()
})

test('the longest texts the contract allows fit the table', async () => {
  const uploadId = await parts.upload(parts.clip)
  const longest = { title: '🎬'.repeat(100), description: '界'.repeat(2000) }
  expect([Title.parse(longest.title), Description.parse(longest.description)]).toEqual(Object.values(longest))
  expect(await parts.publications.publish(author, { uploadId, ...longest })).toMatchObject(longest)
})
