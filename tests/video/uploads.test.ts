import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { uploadKey } from '@fanone/storage'
import { Upload as TusUpload } from 'tus-js-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { gatewayOver, idIn, type TusClient } from './uploads-parts.ts'
import { type VideoParts, videoParts } from './video-parts.ts'

type Gateway = Awaited<ReturnType<typeof gatewayOver>>

let parts: VideoParts
let clip: Buffer
let gateway: Gateway
let other: Gateway
let user: TusClient
beforeAll(async () => {
  parts = await videoParts()
  clip = await readFile(parts.clip)
  gateway = await gatewayOver(parts, parts.home)
  other = await gatewayOver(await parts.instance(), parts.home)
  user = await gateway.userOf(7)
})
afterAll(async () => {
  await gateway.stop()
  await other.stop()
  await parts.close()
})

/** What is there of an upload, finished or not. */
async function bytesOf(path: string): Promise<Buffer> {
  const key = uploadKey(idIn(path))
  if (await parts.storage.growing.stat(key)) await parts.storage.growing.finish(key)
  return await buffer(await parts.storage.read(key))
}

describe('tus-js-client, unchanged', () => {
  const upload = (options: Record<string, unknown>) =>
    new Promise<string>((resolve, reject) => {
      const tus = new TusUpload(clip, {
        endpoint: `${gateway.url}/v1/uploads`,
        headers: user.authorization,
        retryDelays: null,
        metadata: { filename: 'clip.mp4', filetype: 'video/mp4' },
        onError: reject,
        onSuccess: () => resolve(new URL(tus.url ?? '').pathname),
        ...options,
      })
      tus.start()
    })

  test.each([
    ['in one request', {}],
    ['in pieces', { chunkSize: 10_000 }],
    ['in parts side by side', { parallelUploads: 3 }],
    ['with its first bytes in the creation', { uploadDataDuringCreation: true, chunkSize: 10_000 }],
  ])('sends a file %s, which is published by its id', async (_how, options) => {
    const path = await upload(options)
    expect(await user.offset(path)).toBe(clip.length)
    const { status, body } = await user.publish({ uploadId: idIn(path), title: 'resumed' })
    expect([status, body.title]).toEqual([201, 'resumed'])
    const again = await user.publish({ uploadId: idIn(path), title: 'resumed' })
    expect(again.body.id).toBe(body.id)
    expect(await user.offset(path)).toBe(clip.length)
    expect((await user.end(path)).status).toBe(403)
    expect(await parts.storage.stat(`media/${idIn(path)}/video.mp4`)).toMatchObject({ sizeBytes: clip.length })
  })

  test('goes on where another one stopped', async () => {
    const path = await user.begin(clip.length)
    await user.append(path, 0, clip.subarray(0, 5_000))
    await upload({ uploadUrl: gateway.url + path })
    expect(await bytesOf(path)).toEqual(clip)
  })
})

describe('parts', () => {
  test('that arrive side by side become one upload, as often as it is asked for', async () => {
    const thirds = [0, 1, 2].map((index) => clip.subarray(index * 4_000, index === 2 ? undefined : (index + 1) * 4_000))
    const partial = { 'Upload-Concat': 'partial' }
    const paths = await Promise.all(thirds.map((third) => user.begin(third.length, partial)))
    const final = { 'Upload-Concat': `final;${paths.join(' ')}` }
    const join = () => user.send('POST', '/v1/uploads', final)
    await Promise.all(
      thirds.slice(1).map((third, index) => user.append(paths[index + 1] ?? '', 0, Uint8Array.from(third))),
    )
    expect((await join()).body).toMatchObject({ code: 'upload_incomplete' })
    await user.append(paths[0] ?? '', 0, Uint8Array.from(thirds[0] ?? []))
    expect((await user.send('HEAD', paths[0] ?? '')).headers.get('upload-concat')).toBe('partial')
    const [one, two] = await Promise.all([join(), join()])
    const path = one.headers.get('location') ?? ''
    expect([one.status, two.status, two.headers.get('location')]).toEqual([201, 201, path])
    expect((await join()).headers.get('location')).toBe(path)
    expect(await bytesOf(path)).toEqual(clip)
    const { headers } = await user.send('HEAD', path)
    expect(headers.get('upload-concat')).toBe(final['Upload-Concat'])
    expect(headers.get('upload-length')).toBe(String(clip.length))
    expect((await user.append(path, clip.length, '')).status).toBe(403)
    expect((await parts.keys()).filter((key) => paths.some((part) => key.includes(idIn(part))))).toEqual([])
    expect((await user.publish({ uploadId: idIn(path), title: 'joined' })).status).toBe(201)
  })

  test('of others are not found, and what is no part is not taken', async () => {
    const [part, whole] = [await user.begin(0, { 'Upload-Concat': 'partial' }), await user.begin(0)]
    const join = (as: TusClient, path: string) => as.send('POST', '/v1/uploads', { 'Upload-Concat': `final;${path}` })
    expect((await join(await gateway.userOf(8), part)).body.code).toBe('upload_not_found')
    expect((await join(user, whole)).body.code).toBe('invalid_input')
    expect((await join(user, '/v1/uploads/..')).body.code).toBe('upload_not_found')
  })
})

describe('an upload', () => {
  test('tells how much of it is there, and keeps what is said of it', async () => {
    const path = await user.begin(10, { 'Upload-Metadata': 'filename YS5tcDQ=,is_new' })
    expect((await user.append(path, 0, 'abc')).headers.get('upload-offset')).toBe('3')
    const { status, headers } = await user.send('HEAD', path)
    expect(status).toBe(200)
    expect(Object.fromEntries(headers)).toMatchObject({
      'upload-offset': '3',
      'upload-length': '10',
      'upload-metadata': 'filename YS5tcDQ=,is_new',
      'cache-control': 'no-store',
      'tus-resumable': '1.0.0',
    })
  })

  test('is nobody elses: all that others may do is not find it', async () => {
    const stranger = await gateway.userOf(8)
    const path = await user.begin(3)
    const unknown = `/v1/uploads/${'0'.repeat(32)}`
    const attempts = [
      (one: string) => stranger.send('HEAD', one),
      (one: string) => stranger.append(one, 0, 'abc'),
      (one: string) => stranger.end(one),
      (one: string) => stranger.publish({ uploadId: idIn(one), title: 'mine' }),
    ]
    const attempt = async (one: string) => {
      const answers = []
      for (const make of attempts) answers.push(await make(one))
      return answers.map(({ status, body }) => ({ status, body: { ...body, traceId: '' } }))
    }
    expect(await attempt(path)).toEqual(await attempt(unknown))
    expect((await attempt(path)).map(({ status }) => status)).toEqual([404, 404, 404, 404])
    await user.append(path, 0, 'abc')
    expect((await attempt(path)).map(({ status }) => status)).toEqual([404, 404, 404, 404])
    expect(await bytesOf(path)).toEqual(Buffer.from('abc'))
  })

  test('may be empty, also where its creation says that bytes follow', async () => {
    const piece = { 'Content-Type': 'application/offset+octet-stream' }
    for (const headers of [{}, piece]) {
      const path = (await user.create(0, headers)).headers.get('location') ?? ''
      expect(await user.offset(path)).toBe(0)
      expect((await parts.uploadRows.find(idIn(path)))?.state).toBe('finished')
      expect((await user.publish({ uploadId: idIn(path), title: 't' })).body.code).toBe('not_a_video')
    }
  })

  test('that is ended is gone with its bytes', async () => {
    const path = await user.begin(6)
    await user.append(path, 0, 'abc')
    expect((await user.end(path)).status).toBe(204)
    expect((await parts.keys()).filter((key) => key.includes(idIn(path)))).toEqual([])
    expect(await user.offset(path)).toBe('HTTP 404')
    expect((await user.append(path, 3, 'def')).status).toBe(404)
    expect((await user.end(path)).status).toBe(404)
  })

  test('is published only when it is whole', async () => {
    const path = await user.begin(clip.length)
    await user.append(path, 0, clip.subarray(0, 1_000))
    expect(await user.publish({ uploadId: idIn(path), title: 't' })).toMatchObject({
      status: 409,
      body: { code: 'upload_incomplete', detail: `1000 of ${clip.length} bytes have arrived` },
    })
    expect(await user.offset(path)).toBe(1_000)
  })

  test('is no video if its bytes are not what its metadata says they are', async () => {
    const said = (hash: string) => ({ 'Upload-Metadata': `sha256 ${Buffer.from(hash).toString('base64')}` })
    const wrong = await user.begin(clip.length, said('0'.repeat(64)))
    await user.append(wrong, 0, clip)
    expect((await user.publish({ uploadId: idIn(wrong), title: 't' })).body.code).toBe('upload_checksum_mismatch')
    const right = await user.begin(clip.length, said(createHash('sha256').update(clip).digest('hex')))
    await user.append(right, 0, clip)
    expect((await user.publish({ uploadId: idIn(right), title: 't' })).status).toBe(201)
    expect((await user.create(3, said('x'))).status).toBe(400)
  })

  test('keeps what came before the line went dead', async () => {
    const path = await user.begin(300_000)
    const socket = connect(gateway.port, '127.0.0.1')
    const head = [
      `PATCH ${path} HTTP/1.1`,
      'Host: x',
      `Authorization: ${user.authorization.Authorization}`,
      'Tus-Resumable: 1.0.0',
      'Content-Type: application/offset+octet-stream',
      'Upload-Offset: 0',
      'Content-Length: 300000',
    ]
    socket.write(`${head.join('\r\n')}\r\n\r\n`)
    socket.write(Buffer.alloc(200_000, 1), () => setTimeout(() => socket.destroy(), 50))
    await expect.poll(() => user.offset(path)).toBe(200_000)
    expect((await user.append(path, 200_000, Buffer.alloc(100_000, 2))).status).toBe(204)
    expect(await bytesOf(path)).toEqual(Buffer.concat([Buffer.alloc(200_000, 1), Buffer.alloc(100_000, 2)]))
  })

  test('has one writer at a time, over two gateways: the one whose line hangs makes room', async () => {
    const atOther = await other.userOf(7)
    const path = await user.begin(300_000)
    const hanging = new ReadableStream({
      start: (controller) => controller.enqueue(Buffer.alloc(100_000, 1)),
    })
    const first = user.append(path, 0, hanging)
    await expect.poll(async () => (await parts.uploadRows.find(idIn(path)))?.lockedBy).toBeTruthy()
    await expect.poll(() => atOther.offset(path)).toBe(100_000)
    expect((await first).headers.get('upload-offset')).toBe('100000')
    const [one, two] = await Promise.all([
      user.append(path, 100_000, Buffer.alloc(200_000, 2)),
      atOther.append(path, 100_000, Buffer.alloc(200_000, 2)),
    ])
    expect([one.status, two.status].sort()).toEqual([204, 409])
    expect(await bytesOf(path)).toEqual(Buffer.concat([Buffer.alloc(100_000, 1), Buffer.alloc(200_000, 2)]))
  })
})

test('what is spoken here is asked for without a token', async () => {
  const response = await fetch(`${gateway.url}/v1/uploads`, { method: 'OPTIONS' })
  expect(response.status).toBe(204)
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'tus-version': '1.0.0',
    'tus-extension': 'creation,creation-with-upload,checksum,expiration,termination,concatenation',
    'tus-checksum-algorithm': 'sha1,sha256,md5',
    'tus-max-size': String(4 * 1024 ** 3),
  })
})
