import { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { uploadKey } from '@fanone/storage'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { UploadEntity } from '../../services/video/src/upload/upload.entity.ts'
import { gatewayOver, idIn, type TusClient } from './uploads-parts.ts'
import { newUploadId, userWithId, type VideoParts, videoParts } from './video-parts.ts'

// What one user does to the same bytes at the same time, or twice where once is meant: answered as
// if it came one after the other, with nothing left behind.

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

async function part(bytes: string): Promise<string> {
  const path = await user.begin(bytes.length, { 'Upload-Concat': 'partial' })
  await user.append(path, 0, bytes)
  return path
}
const join = (...paths: string[]) => user.send('POST', '/v1/uploads', { 'Upload-Concat': `final;${paths.join(' ')}` })
const keysOf = async (paths: string[]) =>
  (await parts.keys()).filter((key) => paths.some((path) => key.includes(idIn(path))))
const unfinished = () => parts.database.em().find(UploadEntity, { kind: 'joined', state: 'receiving' })

describe('parts', () => {
  test('count once: the same one twice would be more bytes than were sent', async () => {
    const path = await part('abc')
    expect(await join(path, path)).toMatchObject({ status: 400, body: { code: 'invalid_input' } })
    expect((await join(path)).status).toBe(201)
  })

  test('are at most 200, of which more are refused and not failed', async () => {
    const paths = Array.from({ length: 201 }, newUploadId)
    expect((await join(...paths)).status).toBe(400)
  })

  test('go into one upload, whatever else is made of them at the same time', async () => {
    for (let round = 0; round < 5; round++) {
      const [one, two] = [await part('abc'), await part('def')]
      const answers = await Promise.all([join(one, two), join(two, one)])
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 404])
      const made = answers.find(({ status }) => status === 201)?.headers.get('location') ?? ''
      expect(await keysOf([one, two, made])).toEqual([uploadKey(idIn(made))])
    }
    expect(await unfinished()).toEqual([])
  })

  test('that are ended or published meanwhile are not found, and nothing is left of what was begun', async () => {
    for (const meanwhile of [
      (path: string) => user.end(path),
      (path: string) => user.publish({ uploadId: idIn(path), title: 't' }),
    ]) {
      const paths = [await part('abc'), await part('def')]
      const [joined] = await Promise.all([join(...paths), meanwhile(paths[1] ?? '')])
      expect([201, 404]).toContain(joined.status)
      const behind = await join(...paths)
      expect(behind.status).toBe(joined.status)
    }
    expect(await unfinished()).toEqual([])
  })
})

describe('chunks', () => {
  const owner = userWithId(7)
  const begin = async () => {
    const id = newUploadId()
    const input = { id, token: newUploadId(), kind: 'chunked' as const, sizeBytes: 0, chunkCount: 1 }
    await parts.uploads.create(owner, { ...input, metadata: '', sha256: '' })
    return id
  }
  const arrive = async () => {
    const arrivedId = newUploadId()
    await parts.storage.put(uploadKey(arrivedId), Readable.from([Buffer.from('abc')]))
    return arrivedId
  }

  test('that arrive while their upload ends or is put together leave nothing', async () => {
    for (const ending of [
      (id: string) => parts.uploads.end(owner, { id }),
      (id: string) => parts.chunks.join(owner, { id }),
    ]) {
      for (let turns = 0; turns < 12; turns++) {
        const id = await begin()
        await parts.chunks.add(owner, { id, number: 1, arrivedId: await arrive(), maxBytes: 10 })
        const arrivedId = await arrive()
        const adding = parts.chunks.add(owner, { id, number: 1, arrivedId, maxBytes: 10 }).catch((error) => {
          expect(error).toMatchObject({ code: 'upload_not_found' })
          return parts.storage.delete(uploadKey(arrivedId))
        })
        for (let turn = 0; turn < turns; turn++) await nextTurn()
        await Promise.all([adding, ending(id)])
        expect((await parts.keys()).filter((key) => key.startsWith('chunks/') || key.includes(arrivedId))).toEqual([])
        await parts.uploads.end(owner, { id })
      }
    }
  })

  test('are nothing that tus knows', async () => {
    const path = `/v1/uploads/${await begin()}`
    expect(await user.offset(path)).toBe('HTTP 404')
    expect((await user.append(path, 0, '')).status).toBe(404)
    expect((await user.end(path)).status).toBe(404)
  })
})

test('headers that are none of its business do not change what a request does', async () => {
  const path = await user.begin(3)
  for (const headers of [
    { 'X-HTTP-Method-Override': 'DELETE' },
    { 'X-Forwarded-Proto': 'https,http' },
    { 'Tus-Version': '9' },
  ])
    expect([headers, (await user.send('HEAD', path, headers)).status]).toEqual([headers, 200])
  expect(await user.offset(path)).toBe(0)
})
