import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MAX_LISTED, videoContract } from '@fanone/contracts'
import { createLogger, createRouter, type Identity, mountRouter } from '@fanone/service-kit'
import express from 'express'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { uploadOperations } from '../../services/video/src/upload/upload.operations.ts'
import { videoOperations } from '../../services/video/src/video/video.operations.ts'
import { newUploadId, userWithId, type VideoParts, videoParts } from './video-parts.ts'

let parts: VideoParts
let server: Server
let identity: Identity | undefined

beforeAll(async () => {
  parts = await videoParts()
  const { catalogue, publications, search, uploads, joins, chunks, covers } = parts
  const router = createRouter(videoContract, {
    uploads: uploadOperations({ uploads, joins, chunks }),
    videos: videoOperations({ videos: catalogue, publications, search, covers }),
  })
  const app = express()
  app.use(express.json())
  const log = createLogger({ appId: 'test', level: 'fatal' })
  app.use(mountRouter(router, { log, createContext: () => ({ identity, idempotencyKey: undefined }) }))
  server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(async () => {
  server.close()
  await parts.close()
})
beforeEach(() => {
  identity = userWithId(7)
})

async function call(operation: string, input: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
  const { port } = server.address() as AddressInfo
  const response = await fetch(`http://127.0.0.1:${port}/internal/videos.${operation}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

test('a video lives from publishing to deleting', async () => {
  const uploadId = await parts.upload(parts.clip)
  const { body: video } = await call('publish', { uploadId, title: ' title ', description: '' })
  expect(video).toMatchObject({ authorId: 7, title: 'title' })
  expect(await call('getMany', { ids: [video.id] })).toEqual({ status: 200, body: { items: [video] } })
  const list = await call('listByAuthor', { authorId: 7, limit: 10 })
  expect(list.body).toEqual({ items: [video], nextCursor: null })
  expect((await call('pageByAuthor', { authorId: 7, offset: 0, limit: 10 })).body).toEqual({ items: [video], total: 1 })
  expect((await call('walk', { afterId: 0, limit: 10 })).body).toEqual({ items: [video] })
  expect((await call('edit', { id: video.id, description: 'new' })).body).toMatchObject({ version: 2, title: 'title' })
  expect(await call('delete', { id: video.id })).toEqual({ status: 200, body: {} })
  expect((await call('delete', { id: video.id })).body).toMatchObject({ code: 'video_not_found' })
})

test('a refused upload answers 422 with the reason', async () => {
  await writeFile(`${parts.clip}.txt`, 'text')
  const uploadId = await parts.upload(`${parts.clip}.txt`)
  const answer = await call('publish', { uploadId, title: 'title', description: '' })
  expect(answer).toMatchObject({
    status: 422,
    body: { code: 'not_a_video', detail: 'Only MP4, MOV and WebM files are accepted' },
  })
})

test.each([
  ['publish', { uploadId: newUploadId(), title: 'title', description: '' }],
  ['edit', { id: 1, title: 'title' }],
  ['delete', { id: 1 }],
])('%s needs an identity', async (operation, input) => {
  identity = undefined
  expect(await call(operation, input)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
})

test.each([
  ['publish', { uploadId: '../../etc/passwd', title: 'title', description: '' }],
  ['publish', { uploadId: `${'a'.repeat(31)}\0`, title: 'title', description: '' }],
  ['publish', { uploadId: newUploadId(), title: ' ', description: '' }],
  ['getMany', { ids: [] }],
  ['getMany', { ids: ['1 or 1=1'] }],
  ['listByAuthor', { authorId: 1, limit: MAX_LISTED + 1 }],
  ['pageByAuthor', { authorId: 1, offset: -1, limit: 1 }],
  ['edit', { id: 1, title: 'x'.repeat(101) }],
])('%s refuses %j', async (operation, input) => {
  expect(await call(operation, input)).toMatchObject({ status: 400, body: { code: 'invalid_input' } })
})
