import { execFileSync } from 'node:child_process'
import { constants } from 'node:fs'
import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clipFile, type Member, newMember, publish, randomName } from '../support/community.ts'
import { expectProblem, send } from '../support/http.ts'
import { eventually } from '../support/stack.ts'
import {
  type Field,
  fileOf,
  formOf,
  openUpload,
  publishedBy,
  restingFiles,
  storedFiles,
  upload,
  uploadFile,
} from '../support/uploads.ts'

let member: Member
let clip: Buffer
let folder: string
beforeAll(async () => {
  member = await newMember('uploader')
  clip = await readFile(await clipFile())
  folder = await mkdtemp(join(tmpdir(), 'fanone-uploads-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** Runs uploads of which nothing may come: no video, no file. */
async function leavesNothing<Result>(work: () => Promise<Result>): Promise<Result> {
  // What jobs make of videos that were published before comes when it comes.
  const isOfUploads = (file: string) => !/\/(faststart|renditions|storyboard)-/.test(file)
  const files = async () => (await storedFiles()).filter(isOfUploads)
  const before = { files: (await restingFiles()).filter(isOfUploads), ids: await publishedBy(member) }
  const result = await work()
  await eventually(
    async () => {
      expect(await files()).toEqual(before.files)
      return true
    },
    { what: 'nothing is left in storage' },
  )
  expect(await publishedBy(member)).toEqual(before.ids)
  return result
}

async function drawn(name: string, ...args: string[]): Promise<Buffer> {
  const file = join(folder, name)
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', ...args, file])
  return readFile(file)
}

test.each<[string, () => Promise<Buffer> | Buffer]>([
  ['no bytes at all', () => Buffer.alloc(0)],
  ['text', () => Buffer.from('This is not a video, whatever its name says.\n'.repeat(100))],
  ['random bytes', () => Buffer.from(crypto.getRandomValues(new Uint8Array(10_000)))],
  ['the beginning of a video', () => clip.subarray(0, clip.length / 2)],
  ['all of a video but its last byte', () => clip.subarray(0, -1)],
  ['only the magic bytes of a video', () => clip.subarray(0, 32)],
  ['a video whose index is damaged', () => Buffer.from(clip).fill(0xff, 200, 700)],
  ['a picture', () => drawn('picture.jpg', '-i', 'testsrc2', '-frames:v', '1')],
  ['a moving picture', () => drawn('moving.gif', '-i', 'testsrc2=duration=1')],
  ['sound without a picture', () => drawn('sound.m4a', '-i', 'sine=duration=1')],
  ['a web page', () => Buffer.from('<!doctype html><script>alert(1)</script>')],
])('%s named .mp4 is refused as no video', async (_what, make) => {
  const bytes = await make()
  await leavesNothing(async () => expectProblem(await uploadFile(member, bytes), 422, 'not_a_video'))
})

test('playlists and scripts named .mp4 are refused, and nothing they name is opened', async () => {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(String(request.url))
    response.end()
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const pipe = join(folder, 'secret.mp4')
  execFileSync('mkfifo', [pipe])
  // Whoever reads the pipe takes the bytes out of it.
  const trap = await open(pipe, constants.O_RDWR | constants.O_NONBLOCK)
  await trap.write('secret')

  for (const named of [pipe, `file:${pipe}`, `file://${pipe}`, `${url}/secret.mp4`, `concat:${pipe}`]) {
    const scripts = [
      `#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXTINF:1.0,\n${named}\n#EXT-X-ENDLIST\n`,
      `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n${named}\n`,
      `ffconcat version 1.0\nfile '${named}'\n`,
      `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period><BaseURL>${named}</BaseURL></Period></MPD>`,
      `v=0\nc=IN IP4 ${named}\nm=video 9 RTP/AVP 96\n`,
    ]
    for (const script of scripts) {
      const attempt = async () => uploadFile(member, Buffer.from(script))
      expectProblem(await leavesNothing(attempt), 422, 'not_a_video')
    }
  }
  expect(asked).toEqual([])
  expect((await trap.read(Buffer.alloc(100), 0, 100)).buffer.toString('latin1', 0, 6)).toBe('secret')
  await trap.close()
  server.close()
})

test('the content of a file decides what it is, not its name or type', async () => {
  const odd = await upload(member, [
    ['title', 'odd'],
    ['file', fileOf(clip, '../../etc/passwd', 'text/html')],
  ])
  expect(odd.status).toBe(201)
  const { videoUrl } = odd.json as { videoUrl: string }
  expect((await fetch(videoUrl, { method: 'HEAD' })).headers.get('content-type')).toBe('video/mp4')

  const codec = ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8']
  const webm = await uploadFile(member, await drawn('clip.webm', '-i', 'testsrc2=duration=1:size=160x90', ...codec))
  expect(webm.status).toBe(201)
  const head = await fetch((webm.json as { videoUrl: string }).videoUrl, { method: 'HEAD' })
  expect(head.headers.get('content-type')).toBe('video/webm')
})

const title: Field = ['title', 'complete']
const video = (name = 'file'): Field => [name, fileOf(clip)]

test.each<[string, string, () => Field[]]>([
  ['no file', 'file', () => [title]],
  ['a file that is only text', 'file', () => [title, ['file', 'text']]],
  ['no title', 'title', () => [video()]],
  ['an empty title', 'title', () => [['title', ''], video()]],
  ['a title of 101 characters', 'title', () => [['title', '🎬'.repeat(101)], video()]],
  ['a title after the file that is too long', 'title', () => [video(), ['title', '🎬'.repeat(101)]]],
  ['two titles', 'title', () => [title, title, video()]],
  ['NUL in the title', 'title', () => [['title', 'a\0b'], video()]],
  ['a description of 2001 characters', 'description', () => [title, ['description', 'x'.repeat(2001)], video()]],
])('a form with %s is refused because of its %s', async (_what, path, fields) => {
  await leavesNothing(async () => {
    const { issues } = expectProblem(await upload(member, fields()), 400, 'invalid_input')
    expect(issues?.map((issue) => issue.path)).toEqual([path])
  })
})

test.each<[string, () => Field[]]>([
  ['two files', () => [title, video(), video()]],
  ['a file of another name', () => [title, video('attachment')]],
  ['too many fields', () => [...Array.from({ length: 30 }, (_, index): Field => [`x${index}`, 'y']), title, video()]],
  ['a huge field', () => [['title', 'x'.repeat(200_000)], video()]],
])('a form with %s is refused', async (_what, fields) => {
  await leavesNothing(async () => expectProblem(await upload(member, fields()), 400, 'invalid_input'))
})

test('anything but a form and the name of an upload is refused', async () => {
  const token = member.tokens.accessToken
  await leavesNothing(async () => {
    // JSON names an upload that is there already.
    expectProblem(await send('POST', '/v1/videos', { token, json: { title: 'x' } }), 400, 'invalid_input')
    const headers = { 'content-type': 'video/mp4' }
    expectProblem(
      await send('POST', '/v1/videos', { token, headers, body: Uint8Array.from(clip) }),
      415,
      'unsupported_media_type',
    )
    expectProblem(await send('POST', '/v1/videos', { token }), 415, 'unsupported_media_type')
    for (const type of ['multipart/form-data', 'multipart/form-data; boundary=other']) {
      const broken = await send('POST', '/v1/videos', { token, headers: { 'content-type': type }, body: 'no form' })
      expectProblem(broken, 400, 'invalid_input')
    }
  })
})

test('a form that ends in the middle is refused', async () => {
  await leavesNothing(async () => {
    const { request, head, answer } = openUpload(member)
    request.end(Buffer.concat([head, clip]))
    expect(await answer).toMatchObject({ status: 400, json: { code: 'invalid_input' } })
  })
})

test('without a token nothing is taken, and the client is told before it sends the file', async () => {
  const body = formOf([title, video()])
  await leavesNothing(async () => expectProblem(await send('POST', '/v1/videos', { body }), 401, 'unauthenticated'))
  const { request, answer } = openUpload(member, { headers: { authorization: 'Bearer x.y.z', expect: '100-continue' } })
  const goOn = new Promise((resolve) => request.once('continue', () => resolve('go on')))
  request.flushHeaders()
  expect(await Promise.race([answer, goOn])).toMatchObject({ status: 401, json: { code: 'unauthenticated' } })
  request.destroy()
})

test('a file of more than 4 GiB is refused before it is sent', async () => {
  const { request, answer } = openUpload(member, { fileBytes: 4 * 1024 ** 3 + 2 * 1024 ** 2 })
  request.flushHeaders()
  expect(await answer).toMatchObject({ status: 413, json: { code: 'body_too_large' } })
  request.destroy()
})

test('a client that goes away in the middle leaves nothing behind', async () => {
  const before = await storedFiles()
  await leavesNothing(async () => {
    const { request, head } = openUpload(member, { fileBytes: 50_000_000 })
    request.write(head)
    request.write(Buffer.concat([clip, Buffer.alloc(5_000_000)]))
    await eventually(async () => (await storedFiles()).length > before.length, { what: 'the upload has begun' })
    request.destroy()
  })
})

test('two videos published at the same time are two videos', async () => {
  const busy = await newMember('busy')
  const titles = [randomName('one'), randomName('two')]
  const videos = await Promise.all(titles.map((title) => publish(busy, { title })))
  expect(videos.map(({ title }) => title)).toEqual(titles)
  expect(new Set(videos.flatMap(({ id, videoUrl, coverUrl }) => [id, videoUrl, coverUrl])).size).toBe(6)
  expect((await publishedBy(busy)).sort()).toEqual(videos.map(({ id }) => id).sort())
  for (const { videoUrl } of videos) expect(Buffer.from(await (await fetch(videoUrl)).arrayBuffer())).toEqual(clip)
})
