import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import express from 'express'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLocalStorage } from './index.ts'

let rootDir: string
let server: Server
let base: string

beforeAll(async () => {
  rootDir = await mkdtemp(join(tmpdir(), 'fanone-serve-'))
  const storage = createLocalStorage({ rootDir })
  await storage.put('media/ab12/video.mp4', Readable.from([Buffer.from('0123456789')]))
  await storage.put('media/ab12/video.webm', Readable.from([Buffer.from('webm')]))
  await storage.put('media/ab12/cover.jpg', Readable.from([Buffer.from('jpeg')]))
  await storage.put('uploads/cd34', Readable.from([Buffer.from('not public')]))
  await writeFile(join(rootDir, 'media/.hidden'), 'hidden')
  await writeFile(join(rootDir, 'outside.txt'), 'outside')
  const app = express()
  app.use('/media', storage.serve())
  app.use((_request, response) => void response.status(404).send('the next handler'))
  server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(async () => {
  server.close()
  await rm(rootDir, { recursive: true })
})

const get = (path: string, init: RequestInit = {}) => fetch(`${base}/media${path}`, init)

/** Sends a request line as it stands: `fetch` would tidy the path up. */
async function getRaw(path: string): Promise<string> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
  return await text(socket)
}

describe('public media', () => {
  test.each([
    ['/ab12/video.mp4', 'video/mp4'],
    ['/ab12/video.webm', 'video/webm'],
    ['/ab12/cover.jpg', 'image/jpeg'],
  ])('%s is served as %s, to be kept for ever', async (path, type) => {
    const response = await get(path)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe(type)
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  })

  test('HEAD answers the size without the bytes', async () => {
    const response = await get('/ab12/video.mp4', { method: 'HEAD' })
    expect(response.headers.get('content-length')).toBe('10')
    expect(await response.text()).toBe('')
  })

  test.each([
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-2', '89', 'bytes 8-9/10'],
    ['bytes=5-500', '56789', 'bytes 5-9/10'],
  ])('range %s answers %s', async (range, body, contentRange) => {
    const response = await get('/ab12/video.mp4', { headers: { range } })
    expect(response.status).toBe(206)
    expect(await response.text()).toBe(body)
    expect(response.headers.get('content-range')).toBe(contentRange)
  })

  test('a range beyond the end is refused here, not by the application', async () => {
    const response = await get('/ab12/video.mp4', { headers: { range: 'bytes=10-' } })
    expect(response.status).toBe(416)
    expect(response.headers.get('content-range')).toBe('bytes */10')
    expect(response.headers.get('cache-control')).toBeNull()
    expect(await response.text()).toBe('')
  })

  test('an unchanged object answers 304', async () => {
    const etag = (await get('/ab12/video.mp4')).headers.get('etag') ?? ''
    // Without this header `fetch` asks to bypass caches.
    const headers = { 'if-none-match': etag, 'cache-control': 'max-age=0' }
    expect((await get('/ab12/video.mp4', { headers })).status).toBe(304)
  })
})

describe('everything else goes on to the next handler', () => {
  test.each([
    '/media/none/video.mp4',
    '/media/ab12',
    '/media/ab12/',
    '/media/',
    '/media/.hidden',
    '/media/%2ehidden',
    '/media/../uploads/cd34',
    '/media/..%2fuploads/cd34',
    '/media/%2e%2e/uploads/cd34',
    '/media/..%5cuploads%5ccd34',
    '/media/ab12/../../outside.txt',
    '/media//etc/passwd',
    '/media/ab12/video.mp4%00.jpg',
    '/media/ab12/video%2emp4',
    '/uploads/cd34',
  ])('GET %s', async (path) => {
    const response = await getRaw(path)
    expect(response).toMatch(/^HTTP\/1.1 404 /)
    expect(response).toContain('the next handler')
  })

  test('POST', async () => {
    expect(await (await get('/ab12/video.mp4', { method: 'POST' })).text()).toBe('the next handler')
  })
})
