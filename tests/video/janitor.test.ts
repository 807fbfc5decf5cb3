import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { chunkKey, mediaFolder, uploadKey } from '@fanone/storage'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { newUploadId, userWithId, type VideoParts, videoParts } from './video-parts.ts'

let parts: VideoParts
beforeAll(async () => {
  parts = await videoParts()
})
afterAll(() => parts.close())
beforeEach(async () => {
  for (const folder of ['uploads', 'chunks', 'media']) await parts.storage.deleteUnder(folder)
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

test('what attempts left that nobody finished goes, what the video names or a job makes stays', async () => {
  // Of the videos of other tests, whose files are gone.
  await parts.database.em().execute('delete from media_job')
  const uploadId = await parts.upload(parts.clip)
  const video = await parts.publications.publish(author, { uploadId, ...text })
  const folderOf = (lease: string) => `${mediaFolder(uploadId)}/renditions-${lease.repeat(32)}`
  const files = ['a', 'b'].map((lease) => `${folderOf(lease)}/240p.mp4`)
  for (const key of files) await parts.storage.put(key, bytes())
  for (const key of await parts.keys()) await parts.age(key)
  expect(await parts.janitor.sweep()).toBe(0)
  const jobs = [await parts.jobs.take(), await parts.jobs.take()]
  await parts.videos.transaction(async (transaction) => {
    for (const job of jobs) expect(job && (await transaction.finishJob(job))).toBe(true)
    const row = await transaction.lock(video.id)
    if (row) row.hlsKey = `${uploadId}/renditions-${'a'.repeat(32)}/master.m3u8`
  })
  const young = `${folderOf('c')}/240p.mp4`
  await parts.storage.put(young, bytes())
  expect(await parts.janitor.sweep()).toBe(1)
  expect((await parts.keys()).filter((key) => key.includes('renditions-'))).toEqual([files[0], young])
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

test('after a round every file has a row, and every row that keeps bytes has them', async () => {
  const begin = async (kind: 'whole' | 'chunked' = 'whole') => {
    const id = newUploadId()
    const counts = { sizeBytes: kind === 'whole' ? 5 : 0, chunkCount: kind === 'whole' ? 0 : 2 }
    await parts.uploads.create(author, { id, token: newUploadId(), kind, ...counts, metadata: '', sha256: '' })
    return id
  }
  const grow = (id: string) => parts.storage.growing.append(uploadKey(id), bytes(), { offsetBytes: 0 })
  const [receiving, finished, lost, ended, withoutBytes] = [
    await begin(),
    await begin(),
    await begin(),
    await begin(),
    await begin(),
  ]
  const [inChunks, chunksOfNobody, nobodys] = [await begin('chunked'), newUploadId(), newUploadId()]
  for (const id of [receiving, finished, lost, ended, nobodys]) await grow(id)
  for (const id of [finished, lost]) await parts.uploads.finish(author, { id })
  for (const id of [inChunks, chunksOfNobody]) await parts.storage.put(chunkKey(id, 1), bytes())
  await parts.storage.delete(uploadKey(lost))
  await parts.uploadRows.setState(ended, ['receiving'], 'ended')
  for (const key of [uploadKey(finished), chunkKey(inChunks, 1), chunkKey(chunksOfNobody, 1)]) await parts.age(key)
  for (const id of [receiving, ended, nobodys]) await parts.ageGrowing(uploadKey(id))
  expect(await parts.janitor.sweep()).toBe(3)
  expect(await parts.keys()).toEqual(
    [chunkKey(inChunks, 1), `growing ${uploadKey(receiving)}`, uploadKey(finished)].sort(),
  )
  const states = await Promise.all(
    [receiving, finished, lost, ended, withoutBytes].map(async (id) => (await parts.uploadRows.find(id))?.state),
  )
  expect(states).toEqual(['receiving', 'finished', 'ended', 'ended', 'receiving'])
})

test('a stopped janitor ends', async () => {
  parts.janitor.start()
  await parts.janitor.stop()
})
