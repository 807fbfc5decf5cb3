import { request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { ErrorCode } from '@fanone/contracts'
import { ServiceError } from '@fanone/service-kit'
import { afterEach, describe, expect, it } from 'vitest'
import { sampleVideo } from '../testing/sample-video.ts'
import { startTestGateway } from '../testing/test-gateway.ts'
import { signToken } from '../testing/test-tokens.ts'

let gateway: Awaited<ReturnType<typeof startTestGateway>>
afterEach(() => gateway.stop())

type Publish = (input: { uploadId: string; title: string }, options: { context: object }) => Promise<unknown>
const start = (publish: Publish, env = {}) => startTestGateway({ video: { videos: { publish } } } as never, env)
const succeed: Publish = async () => sampleVideo
const fail =
  (code: ErrorCode): Publish =>
  () =>
    Promise.reject(new ServiceError(code))

async function upload(path: string, fields: [string, string | Blob][], headers: Record<string, string> = {}) {
  const body = new FormData()
  for (const [name, value] of fields) body.append(name, value as string)
  const response = await fetch(gateway.url + path, { method: 'POST', body, headers })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

const file = new Blob([Buffer.alloc(200_000, 1)])
const bearer = async () => ({ Authorization: `Bearer ${await signToken(gateway.key)}` })

describe('an upload', () => {
  it('is published for the caller and answered as a video', async () => {
    let published: unknown
    gateway = await start(async (input, options) => {
      published = { ...input, ...options.context }
      return sampleVideo
    })
    const { status, body } = await upload(
      '/v1/videos',
      [
        ['title', ' hello '],
        ['file', file],
      ],
      await bearer(),
    )
    expect(status).toBe(201)
    expect(body).toMatchObject({ id: 1, videoUrl: 'http://127.0.0.1:8080/media/ab/video.mp4' })
    expect(published).toMatchObject({ title: 'hello', description: '', identity: { userId: 42, sessionId: 'session' } })
    expect(await gateway.storedFiles()).toHaveLength(1)
  })

  it.each([
    ['no title', [['file', file]], 'invalid_input'],
    [
      'a bad title before the file',
      [
        ['title', ''],
        ['file', file],
      ],
      'invalid_input',
    ],
    [
      'a bad title after the file',
      [
        ['file', file],
        ['title', ''],
      ],
      'invalid_input',
    ],
    ['no file', [['title', 't']], 'invalid_input'],
    [
      'two files',
      [
        ['title', 't'],
        ['file', file],
        ['data', file],
      ],
      'invalid_input',
    ],
    [
      'a file of another name',
      [
        ['title', 't'],
        ['picture', file],
      ],
      'invalid_input',
    ],
  ] as [string, [string, string | Blob][], string][])('%s leaves nothing behind', async (_case, fields, code) => {
    gateway = await start(succeed)
    const { body } = await upload('/v1/videos', fields, await bearer())
    expect(body).toMatchObject({ code })
    await delay(50)
    expect(await gateway.storedFiles()).toEqual([])
  })

  it('larger than allowed is refused, and nothing stays', async () => {
    gateway = await start(succeed, { UPLOAD_MAX_BYTES: '100000' })
    const { status } = await upload(
      '/v1/videos',
      [
        ['title', 't'],
        ['file', file],
      ],
      await bearer(),
    )
    expect(status).toBe(413)
    await delay(50)
    expect(await gateway.storedFiles()).toEqual([])
  })

  it('that is no video is removed', async () => {
    gateway = await start(fail('not_a_video'))
    expect(
      (
        await upload(
          '/v1/videos',
          [
            ['title', 't'],
            ['file', file],
          ],
          await bearer(),
        )
      ).status,
    ).toBe(422)
    expect(await gateway.storedFiles()).toEqual([])
  })

  it('without an answer of the video service is tried again, and stays when its fate is unknown', async () => {
    const tried: string[] = []
    const giveUp = { PUBLISH_RETRY_SECONDS: '1.5' }
    gateway = await start(async ({ uploadId }) => {
      tried.push(uploadId)
      throw new ServiceError('unavailable')
    }, giveUp)
    expect(
      (
        await upload(
          '/v1/videos',
          [
            ['title', 't'],
            ['file', file],
          ],
          await bearer(),
        )
      ).status,
    ).toBe(503)
    expect(tried.length).toBeGreaterThan(1)
    expect(new Set(tried).size).toBe(1)
    expect(await gateway.storedFiles()).toHaveLength(1)
  })

  it('whose client goes away leaves nothing behind', async () => {
    gateway = await start(succeed)
    const client = request(`${gateway.url}/v1/videos`, {
      method: 'POST',
      headers: { ...(await bearer()), 'Content-Type': 'multipart/form-data; boundary=x', 'Content-Length': 10_000_000 },
    })
    client.on('error', () => undefined)
    client.write('--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n')
    client.write(Buffer.alloc(500_000))
    await expect.poll(async () => (await gateway.storedFiles()).length).toBe(1)
    client.destroy()
    await expect.poll(gateway.storedFiles).toEqual([])
  })

  it("that ends in the middle of the file is the client's mistake", async () => {
    gateway = await start(succeed)
    const body = '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nhalf of it'
    const headers = { ...(await bearer()), 'Content-Type': 'multipart/form-data; boundary=x' }
    expect((await fetch(`${gateway.url}/v1/videos`, { method: 'POST', body, headers })).status).toBe(400)
    await expect.poll(gateway.storedFiles).toEqual([])
  })

  it('without a token is refused before the client is told to send', async () => {
    gateway = await start(succeed)
    expect(await upload('/v1/videos', [['file', file]])).toMatchObject({ status: 401 })
    expect((await upload('/video/publish', [['data', file]])).body).toMatchObject({ base: { code: 10005 } })
  })
})

describe('a Douyin upload', () => {
  it.each(['before', 'after'])('takes a token that comes %s the file', async (order) => {
    gateway = await start(succeed)
    const token: [string, string][] = [['token', await signToken(gateway.key)]]
    const rest: [string, string | Blob][] = [
      ['data', file],
      ['title', 't'],
    ]
    const { body } = await upload(
      '/douyin/publish/action/',
      order === 'before' ? [...token, ...rest] : [...rest, ...token],
    )
    expect(body).toEqual({ status_code: 0, status_msg: 'success' })
  })

  it.each([
    ['no token', [], 10005],
    ['a bad token', [['token', 'x']], 10004],
  ] as [string, [string, string][], number][])('with %s leaves nothing behind', async (_case, fields, code) => {
    gateway = await start(succeed)
    const { body } = await upload('/douyin/publish/action/', [['data', file], ['title', 't'], ...fields])
    expect(body).toMatchObject({ status_code: code })
    await delay(50)
    expect(await gateway.storedFiles()).toEqual([])
  })
})
