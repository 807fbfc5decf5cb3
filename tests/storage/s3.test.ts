import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { ListMultipartUploadsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { openS3Storage } from '@fanone/storage/s3'
import express from 'express'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeServing } from '../../packages/storage/src/testing/serve-suite.ts'
import { describeStorage } from '../../packages/storage/src/testing/storage-suite.ts'
import { startS3Server } from './s3-server.ts'

let server: Awaited<ReturnType<typeof startS3Server>>
beforeAll(async () => {
  server = await startS3Server()
})
afterAll(() => server.stop())

async function openBucket() {
  const options = server.newBucket()
  const { endpoint, region, bucket: Bucket, ...credentials } = options
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true })
  const storage = await openS3Storage(options)
  return {
    storage,
    reopen: () => openS3Storage(options),
    everything: async () => {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }))
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }))
      const names = Contents.map(({ Key = '' }) => Key.replace(/^\.growing\//, ''))
      const transfers = Uploads.map(({ Key = '' }) => Key).filter((key) => !names.includes(key))
      return [...names, ...transfers].sort()
    },
    close: async () => client.destroy(),
  }
}

describeStorage('S3 storage', openBucket)
describeServing('S3 storage', openBucket)

test('only transfers that have been still for long enough are abandoned, and none that grows', async () => {
  const { storage, everything, close } = await openBucket()
  await storage.growing.append('uploads/a1', Readable.from([Buffer.alloc(6 * 1024 ** 2)]), { offsetBytes: 0 })
  const source = new Readable({ read() {} })
  source.push(Buffer.alloc(12 * 1024 ** 2))
  const transfer = storage.put('uploads/a2', source).catch((error: Error) => error)
  await expect.poll(everything).toEqual(['uploads/a1', 'uploads/a2'])
  expect(await storage.deleteAbandonedTransfers(60_000)).toBe(0)
  expect(await storage.deleteAbandonedTransfers(0)).toBe(1)
  source.push(null)
  expect(await transfer).toBeInstanceOf(Error)
  expect(await everything()).toEqual(['uploads/a1'])
  expect(await storage.growing.finish('uploads/a1')).toEqual({ sizeBytes: 6 * 1024 ** 2 })
  await close()
})

test('clients may be sent to the bucket, by an address that is good for a while and for one object', async () => {
  const storage = await openS3Storage({ ...server.newBucket(), presignSeconds: 60 })
  for (const key of ['media/ab12/video.mp4', 'uploads/cd34']) await storage.put(key, Readable.from([Buffer.from(key)]))
  const app = express()
  app.use('/media', storage.serve())
  const gateway = app.listen(0, '127.0.0.1')
  await once(gateway, 'listening')
  const base = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`
  const sent = await fetch(`${base}/media/ab12/video.mp4`, { redirect: 'manual' })
  expect(sent.status).toBe(302)
  expect(sent.headers.get('cache-control')).toBe('private, max-age=30')
  const address = sent.headers.get('location') ?? ''
  const part = await fetch(address, { headers: { range: 'bytes=0-4' } })
  expect([part.status, await part.text(), part.headers.get('content-type')]).toEqual([206, 'media', 'video/mp4'])
  expect((await fetch(address.replace('media/ab12/video.mp4', 'uploads/cd34'))).status).toBe(403)
  expect((await fetch(`${base}/media/none/video.mp4`, { redirect: 'manual' })).status).toBe(404)
  gateway.close()
})
