import { once } from 'node:events'
import type { Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import express from 'express'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Storage } from '../storage.ts'

/** What every adapter of `Storage` serves. @param open makes an empty store */
export function describeServing(
  name: string,
  open: () => Promise<{ storage: Storage; close: () => Promise<unknown> }>,
): void {
  let server: Server
  let base: string
  let close: () => Promise<unknown>

  beforeAll(async () => {
    const opened = await open()
    const { storage } = opened
    close = opened.close
    await storage.put('media/ab12/video.mp4', Readable.from([Buffer.from('0123456789')]))
    await storage.put('media/ab12/video.webm', Readable.from([Buffer.from('webm')]))
    await storage.put('media/ab12/cover.jpg', Readable.from([Buffer.from('jpeg')]))
    await storage.put('uploads/cd34', Readable.from([Buffer.from('not public')]))
    const app = express()
    app.use('/media', storage.serve())
    app.use((_request, response) => void response.status(404).send('the next handler'))
    server = app.listen(0, '127.0.0.1')
    await once(server, 'listening')
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })

  afterAll(async () => {
    server.close()
    await close()
  })

  const get = (path: string, init: RequestInit = {}) => fetch(`${base}/media${path}`, init)

  /** Sends a request line as it stands: `fetch` would tidy the path up. */
  async function getRaw(path: string): Promise<string> {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    return await text(socket)
  }

  describe(`public media of ${name}`, () => {
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

    const repeated = (ranges: string[]) => `bytes=${Array.from({ length: 500 }, () => ranges.join(',')).join(',')}`

    test.each<[string, string, number, string]>([
      ['more than there is, from the end', 'bytes=-99999', 200, '0123456789'],
      ['far more than there is', `bytes=-${'9'.repeat(50)}`, 200, '0123456789'],
      ['nothing, from the end', 'bytes=-0', 416, ''],
      ['a beginning no file has', `bytes=${'9'.repeat(50)}-`, 416, ''],
      ['an end no file has', `bytes=8-${'9'.repeat(50)}`, 206, '89'],
      ['a beginning behind the end', 'bytes=5-2', 416, ''],
      ['the same, a thousand times', repeated(['2-4', '2-4']), 206, '234'],
      ['overlapping ranges', 'bytes=1-5,3-7,2-2', 206, '1234567'],
      ['thousands of ranges that touch', repeated(['0-1', '2-3', '4-5', '6-9']), 206, '0123456789'],
      ['ranges apart, as one answer only', 'bytes=0-0,5-5', 200, '0123456789'],
      ['two signs', 'bytes=--5', 200, '0123456789'],
      ['numbers in another notation', 'bytes=0x1-1e1', 200, '0123456789'],
      ['another unit', 'items=0-5', 200, '0123456789'],
      ['no range at all', 'bytes=', 200, '0123456789'],
    ])('a range of %s', async (_what, range, status, body) => {
      const response = await get('/ab12/video.mp4', { headers: { range } })
      expect([response.status, await response.text()]).toEqual([status, body])
    })

    test('HEAD of a range answers its size without the bytes', async () => {
      const response = await get('/ab12/video.mp4', { method: 'HEAD', headers: { range: 'bytes=2-4' } })
      expect(response.status).toBe(206)
      expect(response.headers.get('content-length')).toBe('3')
      expect(await response.text()).toBe('')
    })

    test('a range is only answered of the object it was asked for (RFC 9110, 13.1.5)', async () => {
      const { headers } = await get('/ab12/video.mp4')
      const [etag, lastModified] = [headers.get('etag') ?? '', headers.get('last-modified') ?? '']
      // A weak tag would forbid to put parts together.
      expect(etag).toMatch(/^"[^"]+"$/)
      const statusIf = async (ifRange: string) =>
        (await get('/ab12/video.mp4', { headers: { range: 'bytes=2-4', 'if-range': ifRange } })).status
      expect(await statusIf(etag)).toBe(206)
      expect(await statusIf(lastModified)).toBe(206)
      for (const other of ['"other"', 'Thu, 01 Jan 1970 00:00:00 GMT', 'nonsense'])
        expect(await statusIf(other)).toBe(200)
    })

    test.each([
      ['if-match', '"other"', 412],
      ['if-unmodified-since', 'Thu, 01 Jan 1970 00:00:00 GMT', 412],
      ['if-none-match', '*', 304],
    ])('%s: %s answers %d without a body', async (name, value, status) => {
      const response = await get('/ab12/video.mp4', { headers: { [name]: value, 'cache-control': 'max-age=0' } })
      expect([response.status, await response.text()]).toEqual([status, ''])
    })

    test('an unchanged object answers 304', async () => {
      const etag = (await get('/ab12/video.mp4')).headers.get('etag') ?? ''
      // Without this header `fetch` asks to bypass caches.
      const headers = { 'if-none-match': etag, 'cache-control': 'max-age=0' }
      expect((await get('/ab12/video.mp4', { headers })).status).toBe(304)
    })
  })

  describe(`everything else of ${name} goes on to the next handler`, () => {
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
}
