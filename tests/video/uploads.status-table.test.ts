import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { uploadKey } from '@fanone/storage'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { UploadEntity } from '../../services/video/src/upload/upload.entity.ts'
import { seededRandom } from '../faults/ledger/random.ts'
import { announceSeed, isFull, seed } from '../support/sampling.ts'
import { gatewayOver, idIn, type TusClient } from './uploads-parts.ts'
import { type VideoParts, videoParts } from './video-parts.ts'

// Row R18: whatever is sent to an upload is answered as tus 1.0 says, and only what is right
// changes it.

announceSeed('requests to uploads')
const CASES = isFull ? 1_000 : 150

let parts: VideoParts
let gateway: Awaited<ReturnType<typeof gatewayOver>>
let user: TusClient
beforeAll(async () => {
  parts = await videoParts()
  gateway = await gatewayOver(parts, parts.home)
  user = await gateway.userOf(7)
})
afterAll(async () => {
  await gateway.stop()
  await parts.close()
})

const { below: random } = seededRandom(seed)

/** An upload as it should be. */
interface Model {
  path: string
  lengthBytes: number
  bytes: Buffer
}

interface Attempt {
  answer: Promise<{ status: number }>
  /** What is kept if it is right. */
  kept?: Buffer
}

const digest = (name: string, bytes: Buffer) => `${name} ${createHash(name).update(bytes).digest('base64')}`
const chunked = (bytes: Buffer) => Readable.toWeb(Readable.from([bytes])) as ReadableStream
const room = ({ lengthBytes, bytes }: Model) => lengthBytes - bytes.length
const someBytes = (model: Model) => Buffer.alloc(1 + random(room(model)), random(256))
const tooLong = (model: Model) => Buffer.alloc(room(model) + 1 + random(100_000), 1)

/** Each row of the table: what is sent, and what it is answered. */
const table: [what: string, status: number, send: (model: Model) => Attempt][] = [
  ['the next bytes', 204, (model) => sends(model, someBytes(model))],
  ['the next bytes, without a length', 204, (model) => sends(model, someBytes(model), { isChunked: true })],
  ['nothing', 204, (model) => sends(model, Buffer.alloc(0))],
  ['the next bytes with their checksum', 204, (model) => withDigest(model, ['sha1', 'sha256', 'md5'][random(3)])],
  [
    'a checksum of other bytes',
    460,
    (model) => sends(model, someBytes(model), { checksum: digest('sha1', tooLong(model)) }),
  ],
  ['a checksum of an unknown kind', 400, (model) => sends(model, someBytes(model), { checksum: 'crc9 AAAA' })],
  ['a checksum that is none', 400, (model) => sends(model, someBytes(model), { checksum: 'sha1 AAAA' })],
  ['a gap', 409, (model) => sends(model, someBytes(model), { offset: model.bytes.length + 1 + random(1_000) })],
  ['an overlap', 409, (model) => sends(model, someBytes(model), { offset: random(model.bytes.length) })],
  ['more than the declared length', 413, (model) => sends(model, tooLong(model))],
  ['more than the declared length, unannounced', 413, (model) => sends(model, tooLong(model), { isChunked: true })],
  ['another type', 415, (model) => sends(model, someBytes(model), { headers: { 'Content-Type': 'video/mp4' } })],
  [
    'an offset that is no number',
    400,
    (model) => sends(model, someBytes(model), { headers: { 'Upload-Offset': '0x0' } }),
  ],
  ['a negative offset', 400, (model) => sends(model, someBytes(model), { offset: -1 })],
  ['another version', 412, (model) => sends(model, someBytes(model), { headers: { 'Tus-Resumable': '0.2.2' } })],
]

function sends(
  model: Model,
  body: Buffer,
  options: { offset?: number; isChunked?: boolean; checksum?: string; headers?: Record<string, string> } = {},
): Attempt {
  const { offset = model.bytes.length, isChunked, checksum, headers = {} } = options
  const sent = isChunked ? chunked(body) : Uint8Array.from(body)
  const all = { ...(checksum && { 'Upload-Checksum': checksum }), ...headers }
  return { answer: user.append(model.path, offset, sent, all), kept: body }
}

function withDigest(model: Model, name = 'sha1'): Attempt {
  const bytes = someBytes(model)
  return sends(model, bytes, { checksum: digest(name, bytes) })
}

async function newModel(): Promise<Model> {
  const lengthBytes = 200_000 + random(300_000)
  const model = { path: await user.begin(lengthBytes), lengthBytes, bytes: Buffer.alloc(0) }
  const first = Buffer.alloc(1 + random(50_000), 7)
  await user.append(model.path, 0, Uint8Array.from(first))
  return { ...model, bytes: first }
}

async function bytesOf({ path }: Model): Promise<Buffer> {
  const key = uploadKey(idIn(path))
  if (await parts.storage.growing.stat(key)) await parts.storage.growing.finish(key)
  return await buffer(await parts.storage.read(key))
}

test(`${CASES} generated requests are answered by the table, and change what they should`, async () => {
  let model = await newModel()
  for (let number = 0; number < CASES; number++) {
    if (room(model) === 0) {
      expect((await bytesOf(model)).equals(model.bytes)).toBe(true)
      model = await newModel()
    }
    const [what, status, send] = table[number % table.length] as (typeof table)[number]
    const { answer, kept } = send(model)
    const at = `${number}: ${what} at ${model.bytes.length} of ${model.lengthBytes}`
    expect([at, (await answer).status]).toEqual([at, status])
    if (status === 204) model.bytes = Buffer.concat([model.bytes, kept ?? Buffer.alloc(0)])
    expect([at, await user.offset(model.path)]).toEqual([at, model.bytes.length])
  }
  expect((await bytesOf(model)).equals(model.bytes)).toBe(true)
  expect((await parts.keys()).filter((key) => key.startsWith('chunks/'))).toEqual([])
})

test('an upload that has expired takes and tells nothing, and is swept with its row', async () => {
  const { headers } = await user.create(10)
  const path = headers.get('location') ?? ''
  expect(Date.parse(headers.get('upload-expires') ?? '')).toBeGreaterThan(Date.now() + 3_500_000)
  await user.append(path, 0, 'abc')
  const expiresAt = new Date(Date.now() - 1_000)
  await parts.database.em().nativeUpdate(UploadEntity, { id: idIn(path) }, { expiresAt })
  expect((await user.append(path, 3, 'def')).status).toBe(410)
  expect(await user.offset(path)).toBe('HTTP 410')
  expect((await user.publish({ uploadId: idIn(path), title: 't' })).status).toBe(410)
  expect(await parts.janitor.sweep()).toBe(1)
  expect((await parts.keys()).filter((key) => key.includes(idIn(path)))).toEqual([])
  expect(await user.offset(path)).toBe('HTTP 404')
  const longAgo = new Date(Date.now() - 2 * 86_400_000)
  await parts.database.em().nativeUpdate(UploadEntity, { id: idIn(path) }, { expiresAt: longAgo })
  await parts.janitor.sweep()
  expect(await parts.uploadRows.find(idIn(path))).toBeNull()
})

test.each([
  ['no length', { 'Upload-Length': undefined }, 400],
  ['a length that is none', { 'Upload-Length': '-1' }, 400],
  ['a length to be told later', { 'Upload-Length': undefined, 'Upload-Defer-Length': '1' }, 400],
  ['more than is taken', { 'Upload-Length': String(4 * 1024 ** 3 + 1) }, 413],
  ['metadata that are none', { 'Upload-Metadata': 'a b c' }, 400],
  ['too much metadata', { 'Upload-Metadata': `a ${'A'.repeat(8_000)}` }, 400],
  ['another version', { 'Tus-Resumable': '2.0.0' }, 412],
  ['a name that climbs', { 'Upload-Metadata': `filename ${Buffer.from('../../x\0').toString('base64')}` }, 201],
])('a creation with %s is answered %s', async (_what, headers, status) => {
  const all = Object.entries({ 'Upload-Length': '10', ...headers }).filter(([, value]) => value !== undefined)
  expect((await user.send('POST', '/v1/uploads', Object.fromEntries(all) as Record<string, string>)).status).toBe(
    status,
  )
})

test.each([
  '..%2fuploads',
  '%2e%2e',
  'x%00',
  `${'0'.repeat(31)}%2f`,
  'A'.repeat(32),
  `${'0'.repeat(32)}.mp4`,
  '０'.repeat(32),
])('an id %s names nothing and writes nothing', async (id) => {
  const before = await parts.keys()
  for (const answer of [
    await user.send('HEAD', `/v1/uploads/${id}`),
    await user.append(`/v1/uploads/${id}`, 0, 'abc'),
    await user.end(`/v1/uploads/${id}`),
  ])
    expect(answer.status).toBe(404)
  expect((await user.publish({ uploadId: decodeURIComponent(id), title: 't' })).status).toBe(400)
  expect(await parts.keys()).toEqual(before)
})
