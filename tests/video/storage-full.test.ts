import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { mediaStoreFolder } from '@fanone/storage'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { makeClip } from '../../services/video/src/testing/clips.ts'
import { isFull } from '../support/sampling.ts'
import { mountSmallDisk, type SmallDisk } from '../support/small-disk.ts'
import { padded } from '../support/uploads.ts'
import { gatewayOver, idIn, type TusClient } from './uploads-parts.ts'
import { userWithId, type VideoParts, videoParts } from './video-parts.ts'

// Row R20: no room in the middle of a resumable upload, and of what is made of a video.

const MIB = 1024 ** 2
const never = new AbortController().signal
const author = userWithId(7)

let parts: VideoParts
let gateway: Awaited<ReturnType<typeof gatewayOver>>
let user: TusClient
let file: Buffer
let studio: string
/** Of the store, and of what renditions are written to before they go there. */
let disk: SmallDisk | string = ''
let scratch: SmallDisk | string = ''
beforeAll(async () => {
  parts = await videoParts()
  gateway = await gatewayOver(parts, parts.home)
  user = await gateway.userOf(author.userId)
  file = padded(await readFile(parts.clip), 6 * MIB)
  const codec = ['libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv422p']
  studio = await makeClip(join(parts.home, 'studio.mov'), { seconds: 2, codec })
  disk = await mountSmallDisk(mediaStoreFolder(parts.home), 32 * MIB)
  scratch = await mountSmallDisk(join(parts.home, 'scratch'), MIB)
  if (typeof disk === 'string') console.warn(`NOT TESTED: a full disk. ${disk}`)
})
afterEach(async () => {
  for (const one of [disk, scratch]) if (one && typeof one !== 'string') await one.clear()
})
afterAll(async () => {
  await gateway.stop()
  for (const one of [disk, scratch]) if (one && typeof one !== 'string') await one.unmount()
  await parts.close()
})

const smallDisk = (skip: (note: string) => void, one = disk) => {
  if (!one || typeof one === 'string') skip(one ?? '')
  return one as SmallDisk
}
const part = (from: number, to?: number) => Uint8Array.from(file.subarray(from, to))

async function publish(path: string): Promise<void> {
  const { status, body } = await user.publish({ uploadId: idIn(path), title: 'after all' })
  expect(status).toBe(201)
  await parts.catalogue.delete(author, { id: body.id })
  expect(await parts.keys()).toEqual([])
}

describe('a resumable upload that meets a full disk', () => {
  const sha1 = (bytes: Uint8Array) => `sha1 ${createHash('sha1').update(bytes).digest('base64')}`

  test.for<[string, (bytes: Uint8Array) => Record<string, string>]>([
    ['without a checksum', () => ({})],
    ['with a checksum', (bytes) => ({ 'Upload-Checksum': sha1(bytes) })],
  ])('%s is answered 507, keeps what was there and nothing else, and goes on', async ([, headersOf], { skip }) => {
    const small = smallDisk(skip)
    const path = await user.begin(file.length)
    const [first, rest] = [part(0, 2 * MIB), part(2 * MIB)]
    expect((await user.append(path, 0, first, headersOf(first))).status).toBe(204)
    await small.leave(MIB)
    const free = await small.freeBytes()
    expect((await user.append(path, first.length, rest, headersOf(rest))).status).toBe(507)
    expect(await user.offset(path)).toBe(first.length)
    expect(await small.freeBytes()).toBeGreaterThan(free - 64 * 1024)
    await small.clear()
    expect((await user.append(path, first.length, rest, headersOf(rest))).status).toBe(204)
    await publish(path)
  })

  test('in parts is put together once there is room; until then its parts stay', async ({ skip }) => {
    const small = smallDisk(skip)
    const paths: string[] = []
    for (const bytes of [part(0, 3 * MIB), part(3 * MIB)]) {
      const path = await user.begin(bytes.length, { 'Upload-Concat': 'partial' })
      await user.append(path, 0, bytes)
      paths.push(path)
    }
    await small.leave(MIB)
    const join = () => user.send('POST', '/v1/uploads', { 'Upload-Concat': `final;${paths.join(' ')}` })
    expect((await join()).status).toBe(507)
    expect(await parts.keys()).toHaveLength(2)
    await small.clear()
    const { status, headers } = await join()
    expect(status).toBe(201)
    await publish(headers.get('location') ?? '')
  })
})

describe('what is made of a video', () => {
  const worker = () => parts.worker()
  const publishStudio = async () => {
    const uploadId = await parts.upload(studio)
    return await parts.publications.publish(author, { uploadId, title: 't', description: '' })
  }
  const shown = async (id: number) => (await parts.catalogue.getMany({ ids: [id] })).items[0]

  const disks: [string, () => SmallDisk | string][] = [
    ['storage', () => disk],
    ['the disk it is written to', () => scratch],
  ]

  test.for(isFull ? disks : disks.slice(0, 1))(
    'leaves nothing where %s is full, says why at last, and is made where there is room again',
    async ([, diskOf], { skip }) => {
      const small = smallDisk(skip, diskOf())
      const hopeless = await publishStudio()
      await small.leave(20 * 1024)
      const files = await parts.keys()
      for (let attempt = 1; attempt <= 3; attempt++) {
        expect(await shown(hopeless.id)).toMatchObject({ state: 'processing' })
        await expect.poll(() => worker().workOnNext(never)).toBe(true)
        expect(await parts.keys()).toEqual(files)
      }
      expect(await shown(hopeless.id)).toMatchObject({
        state: 'failed',
        reason: 'There was no room for what is made of it',
      })
      await parts.catalogue.delete(author, hopeless)
      await small.clear()
      const patient = await publishStudio()
      await small.leave(20 * 1024)
      await worker().workOnNext(never)
      expect(await shown(patient.id)).toMatchObject({ state: 'processing', reason: null })
      await small.clear()
      await expect.poll(() => worker().workOnNext(never)).toBe(true)
      expect(await shown(patient.id)).toMatchObject({ state: 'ready' })
      await parts.catalogue.delete(author, patient)
      expect(await parts.keys()).toEqual([])
    },
  )
})
