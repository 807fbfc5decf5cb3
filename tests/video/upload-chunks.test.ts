import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { gatewayOver, type TusClient } from './uploads-parts.ts'
import { type VideoParts, videoParts } from './video-parts.ts'

let parts: VideoParts
let clip: Buffer
let gateway: Awaited<ReturnType<typeof gatewayOver>>
let user: TusClient
let stranger: TusClient
beforeAll(async () => {
  parts = await videoParts()
  clip = await readFile(parts.clip)
  gateway = await gatewayOver(parts, parts.home)
  user = await gateway.userOf(7)
  stranger = await gateway.userOf(8)
})
afterAll(async () => {
  await gateway.stop()
  await parts.close()
})

async function post(as: TusClient, verb: string, fields: Record<string, string | Blob>) {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value as string)
  const { body } = await as.send('POST', `/video/publish/${verb}`, {}, form)
  return body as { base: { code: number; msg: string }; uuid: string }
}

const start = async (count: number) =>
  (await post(user, 'start', { title: 'in chunks', description: 'old', chunk_total_number: String(count) })).uuid
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex')
const send = (as: TusClient, uuid: string, number: number, bytes: Uint8Array, sum = md5(bytes)) =>
  post(as, 'uploading', {
    uuid,
    md5: sum,
    chunk_number: String(number),
    filename: '../../x.ts',
    is_m3u8: '0',
    data: new Blob([Uint8Array.from(bytes)]),
  })
const codeOf = async (answer: Promise<{ base: { code: number } }>) => (await answer).base.code

test('chunks of any order, some twice, become one video, published once', async () => {
  const uuid = await start(3)
  const chunks = [clip.subarray(0, 3_000), clip.subarray(3_000, 9_000), clip.subarray(9_000)]
  expect(await codeOf(send(user, uuid, 3, chunks[2] as Buffer))).toBe(10000)
  expect(await codeOf(send(user, uuid, 1, Buffer.from('something else')))).toBe(10000)
  expect(await codeOf(send(user, uuid, 1, chunks[0] as Buffer))).toBe(10000)
  expect(await post(user, 'complete', { uuid })).toMatchObject({ base: { code: -1, msg: /2 of 3 chunks/ } })
  expect(await codeOf(send(user, uuid, 2, chunks[1] as Buffer, md5(Buffer.from('x'))))).toBe(10002)
  expect(await codeOf(send(user, uuid, 4, chunks[1] as Buffer))).toBe(10002)
  expect(await codeOf(send(user, uuid, 2, chunks[1] as Buffer))).toBe(10000)
  const completed = await Promise.all([post(user, 'complete', { uuid }), post(user, 'complete', { uuid })])
  expect(completed.map(({ base }) => base.code)).toEqual([10000, 10000])
  expect(await codeOf(post(user, 'complete', { uuid }))).toBe(10000)
  expect(await codeOf(send(user, uuid, 1, chunks[0] as Buffer))).toBe(10000)
  const video = await parts.videos.findByUpload(uuid)
  expect(video).toMatchObject({ title: 'in chunks', description: 'old', sizeBytes: clip.length, authorId: 7 })
  expect(await parts.keys()).toEqual([`media/${uuid}/cover.jpg`, `media/${uuid}/video.mp4`])
})

test.each(['cancel', 'cancle'])('%s removes what has come', async (verb) => {
  const before = await parts.keys()
  const uuid = await start(2)
  await send(user, uuid, 1, clip)
  expect(await parts.keys()).not.toEqual(before)
  expect(await codeOf(post(user, verb, { uuid }))).toBe(10000)
  expect(await codeOf(post(user, verb, { uuid }))).toBe(10000)
  expect(await parts.keys()).toEqual(before)
  expect(await codeOf(send(user, uuid, 2, clip))).toBe(-1)
  expect(await parts.keys()).toEqual(before)
})

test("nobody may send to, complete or cancel somebody else's", async () => {
  const uuid = await start(1)
  await send(user, uuid, 1, clip)
  const before = await parts.keys()
  expect(await codeOf(send(stranger, uuid, 1, Buffer.from('theirs')))).toBe(-1)
  expect(await codeOf(post(stranger, 'complete', { uuid }))).toBe(-1)
  expect(await codeOf(post(stranger, 'cancel', { uuid }))).toBe(-1)
  expect(await parts.keys()).toEqual(before)
  expect(await codeOf(post(user, 'cancel', { uuid }))).toBe(10000)
})

test('what one user may have under way is bounded, with the numbers', async () => {
  const bounded = await gatewayOver(
    await parts.instance(undefined, { unfinishedCount: 2, unfinishedBytes: 1_000, dayBytes: 2_500 }),
    parts.home,
  )
  const other = await bounded.userOf(9)
  expect(await other.create(1_001)).toMatchObject({ status: 413, body: { detail: '1001 bytes, of at most 1000' } })
  const first = await other.begin(900)
  expect(await other.create(101)).toMatchObject({
    status: 429,
    body: { code: 'upload_quota_exceeded', detail: '900 + 101 bytes unfinished, of at most 1000' },
  })
  const second = await other.begin(100)
  const third = await other.create(0)
  expect(third).toMatchObject({ status: 429, body: { detail: '2 unfinished uploads, of at most 2' } })
  expect(third.headers.get('retry-after')).toBe('3600')
  await other.append(first, 0, new Uint8Array(900))
  for (const path of [first, second]) expect((await other.end(path)).status).toBe(204)
  // What never came does not count for the day.
  for (const path of [await other.begin(1_000)]) await other.append(path, 0, new Uint8Array(600))
  expect((await other.create(601)).status).toBe(429)
  const { body } = await post(other, 'start', { title: 't', description: '', chunk_total_number: '2' }).then(
    (body) => ({ body }),
  )
  expect(await codeOf(send(other, body.uuid, 1, new Uint8Array(1)))).toBe(10008)
  await bounded.stop()
})
