import { once } from 'node:events'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { countPlaybackStarts, playbackStarts } from './playback.metrics.ts'

let server: Server

beforeAll(async () => {
  const app = express().use(countPlaybackStarts)
  app.get('/v/missing.mp4', (_request, response) => response.status(404).type('video/mp4').end())
  app.use((request, response) => {
    const type = request.path.endsWith('.mp4')
      ? 'video/mp4'
      : request.path.endsWith('.jpg')
        ? 'image/jpeg'
        : 'text/plain'
    response
      .status(request.headers.range === undefined ? 200 : 206)
      .type(type)
      .end('x')
  })
  server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(() => server.close())

test.for<[what: string, path: string, options: { range?: string; method?: string }, format: string | undefined]>([
  ['the list of renditions', '/v/master.m3u8', {}, 'hls'],
  ['a file', '/v/video.mp4', {}, 'file'],
  ['a file from its beginning on', '/v/video.mp4', { range: 'bytes=0-' }, 'file'],
  ['the head of a rendition', '/v/360p.mp4', { range: 'bytes=0-799' }, undefined],
  ['a seek', '/v/video.mp4', { range: 'bytes=9000-' }, undefined],
  ['the list of pieces', '/v/360p.m3u8', {}, undefined],
  ['a cover', '/v/cover.jpg', {}, undefined],
  ['a look without taking', '/v/video.mp4', { method: 'HEAD' }, undefined],
  ['a file that is not there', '/v/missing.mp4', {}, undefined],
])('%s', async ([, path, { range, method = 'GET' }, format]) => {
  const before = await starts()
  await get(path, method, range)
  const after = await starts()
  const expected = format === undefined ? before : { ...before, [format]: (before[format] ?? 0) + 1 }
  expect(after).toEqual(expected)
})

async function get(path: string, method: string, range: string | undefined): Promise<void> {
  const { port } = server.address() as AddressInfo
  const headers = range === undefined ? {} : { range }
  const asked = request({ port, host: '127.0.0.1', path, method, headers, agent: false }).end()
  const [answer] = await once(asked, 'response')
  answer.resume()
  await once(answer, 'close')
}

async function starts(): Promise<Record<string, number>> {
  const { values } = await playbackStarts.get()
  return Object.fromEntries(values.map(({ labels, value }) => [String(labels.format), value]))
}
