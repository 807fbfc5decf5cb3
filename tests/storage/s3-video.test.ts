import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { uploadKey } from '@fanone/storage'
import { openS3Storage } from '@fanone/storage/s3'
import express from 'express'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newUploadId, userWithId, type VideoParts, videoParts } from '../video/video-parts.ts'
import { startS3Server } from './s3-server.ts'

let server: Awaited<ReturnType<typeof startS3Server>>
let parts: VideoParts
beforeAll(async () => {
  server = await startS3Server()
  parts = await videoParts({ storage: await openS3Storage(server.newBucket()) })
})
afterAll(async () => {
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
