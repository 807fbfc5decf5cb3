import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { uploadKey } from '@fanone/storage'
import { openS3Storage } from '@fanone/storage/s3'
import express from 'express'
import sharp from 'sharp'
import { Upload as TusUpload } from 'tus-js-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeClip } from '../../services/video/src/testing/clips.ts'
import { padded } from '../support/uploads.ts'
import { gatewayOver, idIn, type TusClient } from '../video/uploads-parts.ts'
import { newUploadId, userWithId, type VideoParts, videoParts } from '../video/video-parts.ts'
import { startS3Server } from './s3-server.ts'

const MEBIBYTE = 1024 ** 2

let server: Awaited<ReturnType<typeof startS3Server>>
let parts: VideoParts
let gateway: Awaited<ReturnType<typeof gatewayOver>>
beforeAll(async () => {
  server = await startS3Server()
  parts = await videoParts({ storage: await openS3Storage(server.newBucket()) })
  gateway = await gatewayOver(parts, parts.home)
})
afterAll(async () => {
  await gateway.stop()
  await parts.close()
  await server.stop()
})

test('a video is published, played, given a cover and deleted in a bucket, and leaves nothing there', async () => {
  const author = userWithId(7)
  const uploadId = await parts.upload(parts.clip)
  const video = await parts.publications.publish(author, { uploadId, title: 'title', description: '' })
  const app = express()
  app.use('/media', parts.storage.serve())
  const player = app.listen(0, '127.0.0.1')
  await once(player, 'listening')
  const address = `http://127.0.0.1:${(player.address() as AddressInfo).port}/media/${video.videoKey}`
  const part = await fetch(address, { headers: { range: 'bytes=4-7' } })
  expect([part.status, await part.text()]).toEqual([206, 'ftyp'])
  player.close()
  const picture = newUploadId()
  const png = await sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } })
    .png()
    .toBuffer()
  await parts.storage.put(uploadKey(picture), Readable.from([png]))
  const { coverKey } = await parts.covers.set(author, { id: video.id, uploadId: picture })
  expect(await parts.keys()).toContain(`media/${coverKey}`)
  await parts.catalogue.delete(author, { id: video.id })
  expect(await parts.keys()).toEqual([])
})

describe('a file of more than two parts of S3 becomes a video', () => {
  let file: Buffer
  let user: TusClient
  beforeAll(async () => {
    file = padded(await readFile(parts.clip), 12 * MEBIBYTE)
    user = await gateway.userOf(7)
  })

  /** The video is the file, and with it everything goes. */
  async function expectVideo(id: number, uploadId: string) {
    const stored = await buffer(await parts.storage.read(`media/${uploadId}/video.mp4`))
    expect(stored.equals(file)).toBe(true)
    await parts.catalogue.delete(userWithId(7), { id })
    expect(await parts.keys()).toEqual([])
    expect(await parts.storage.deleteAbandonedTransfers(0)).toBe(0)
  }

  test.each([
    ['in pieces', { chunkSize: 3 * MEBIBYTE }],
    ['in parts side by side', { parallelUploads: 2, chunkSize: 4 * MEBIBYTE }],
  ])('sent by tus-js-client %s', async (_how, options) => {
    const path = await new Promise<string>((resolve, reject) => {
      const tus = new TusUpload(file, {
        ...{ endpoint: `${gateway.url}/v1/uploads`, headers: user.authorization, retryDelays: null, onError: reject },
        onSuccess: () => resolve(new URL(tus.url ?? '').pathname),
        ...options,
      })
      tus.start()
    })
    const { body } = await user.publish({ uploadId: idIn(path), title: 'resumed' })
    await expectVideo(body.id, idIn(path))
  })

  test('sent in chunks of the older API', async () => {
    const post = async (verb: string, fields: Record<string, string | Blob>) => {
      const form = new FormData()
      for (const [name, value] of Object.entries(fields)) form.append(name, value as string)
      return (await user.send('POST', `/video/publish/${verb}`, {}, form)).body
    }
    const { uuid } = await post('start', { title: 'in chunks', description: '', chunk_total_number: '2' })
    for (const [number, at] of [
      [2, 7],
      [1, 0],
    ] as const) {
      const bytes = file.subarray(at * MEBIBYTE, number === 1 ? 7 * MEBIBYTE : undefined)
      const md5 = createHash('md5').update(bytes).digest('hex')
      const chunk = { uuid, md5, chunk_number: String(number), data: new Blob([Uint8Array.from(bytes)]) }
      expect(await post('uploading', chunk)).toMatchObject({ base: { code: 10000 } })
    }
    expect(await post('complete', { uuid })).toMatchObject({ base: { code: 10000 } })
    const video = await parts.videos.findByUpload(uuid)
    await expectVideo(video?.id ?? 0, uuid)
  })

  test('sent in one request', async () => {
    const form = new FormData()
    form.append('title', 'at once')
    form.append('file', new Blob([Uint8Array.from(file)]))
    const { status, body } = await user.send('POST', '/v1/videos', {}, form)
    expect(status).toBe(201)
    await expectVideo(body.id, new URL(body.videoUrl).pathname.split('/')[2] ?? '')
  })
})

describe('while the store is away', () => {
  const author = userWithId(7)

  test('a resumable upload is answered 5xx, and goes on from what the store has once it is back', async () => {
    const user = await gateway.userOf(7)
    const file = padded(await readFile(parts.clip), 12 * MEBIBYTE)
    const path = await user.begin(file.length)
    const sent = new Readable({ read() {} })
    sent.push(file.subarray(0, 7 * MEBIBYTE))
    const append = user.append(path, 0, Readable.toWeb(sent) as never)
    const growing = () => parts.storage.growing.stat(uploadKey(idIn(path)))
    await expect.poll(async () => (await growing())?.sizeBytes).toBeGreaterThanOrEqual(5 * MEBIBYTE)
    await server.kill()
    sent.push(file.subarray(7 * MEBIBYTE))
    sent.push(null)
    expect((await append).status).toBeGreaterThanOrEqual(500)
    expect((await user.append(path, 0, new Uint8Array())).status).toBeGreaterThanOrEqual(500)
    await server.startAgain()
    const offset = Number(await user.offset(path))
    expect(offset).toBeGreaterThanOrEqual(5 * MEBIBYTE)
    expect((await user.append(path, offset, Uint8Array.from(file.subarray(offset)))).status).toBe(204)
    const { body } = await user.publish({ uploadId: idIn(path), title: 'resumed' })
    const stored = await buffer(await parts.storage.read(`media/${idIn(path)}/video.mp4`))
    expect(stored.equals(file)).toBe(true)
    await parts.catalogue.delete(author, { id: body.id })
    expect(await parts.keys()).toEqual([])
  })

  test('what is made of a video waits, and is made once it is back', async () => {
    const never = new AbortController().signal
    const codec = ['libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv422p']
    const uploadId = await parts.upload(await makeClip(join(parts.home, 'studio.mov'), { seconds: 2, codec }))
    const { id } = await parts.publications.publish(author, { uploadId, title: 't', description: '' })
    const storyboard = async () => ({})
    const state = async () => (await parts.catalogue.getMany({ ids: [id] })).items[0]
    await server.kill()
    await parts.worker({ storyboard }).workOnNext(never)
    expect(await state()).toMatchObject({ state: 'processing', reason: null })
    await server.startAgain()
    await expect
      .poll(async () => {
        await parts.worker({ storyboard }).workOnNext(never)
        return (await state())?.state
      })
      .toBe('ready')
    const hls = await buffer(await parts.storage.read(`media/${(await state())?.hlsKey}`))
    expect(hls.toString()).toContain('240p.m3u8')
    await parts.catalogue.delete(author, { id })
    expect(await parts.keys()).toEqual([])
  })
})
