import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { uploadKey } from '@fanone/storage'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newUploadId, userWithId, type VideoParts, videoParts } from './video-parts.ts'

// Every operation of uploads four times at once, and once more behind: all are answered the same.

let parts: VideoParts
beforeAll(async () => {
  parts = await videoParts()
})
afterAll(() => parts.close())

const owner = userWithId(7)
const begun = async (kind: 'whole' | 'part' | 'chunked', counts = { sizeBytes: 3, chunkCount: 0 }) => {
  const input = { id: newUploadId(), token: newUploadId(), kind, ...counts, metadata: '', sha256: '' }
  await parts.uploads.create(owner, input)
  return input
}
const grow = (id: string) =>
  parts.storage.growing.append(uploadKey(id), Readable.from([Buffer.from('abc')]), { offsetBytes: 0 })

async function expectOneAnswer(call: () => Promise<unknown>): Promise<void> {
  const answers = await Promise.all([call(), call(), call(), call()])
  answers.push(await call())
  for (const answer of answers) expect(answer).toEqual(answers[0])
}

test('create, lock, keepLock, unlock, finish, end', async () => {
  const upload = await begun('whole')
  const { uploads } = parts
  await expectOneAnswer(() => uploads.create(owner, upload))
  await expectOneAnswer(() => uploads.lock(owner, upload))
  await expectOneAnswer(() => uploads.keepLock(owner, upload))
  await expectOneAnswer(() => uploads.unlock(owner, upload))
  await grow(upload.id)
  await expectOneAnswer(() => uploads.finish(owner, upload))
  await expectOneAnswer(() => uploads.end(owner, upload))
})

test('join', async () => {
  const part = await begun('part')
  await grow(part.id)
  await expectOneAnswer(() => parts.joins.join(owner, { partIds: [part.id], metadata: '', sha256: '', maxBytes: 10 }))
})

test('addChunk and joinChunks', async () => {
  const upload = await begun('chunked', { sizeBytes: 0, chunkCount: 1 })
  const arrivedId = newUploadId()
  await parts.storage.put(uploadKey(arrivedId), createReadStream(parts.clip))
  const chunk = { id: upload.id, number: 1, arrivedId, maxBytes: 1024 ** 3 }
  await expectOneAnswer(() => parts.chunks.add(owner, chunk))
  await expectOneAnswer(() => parts.chunks.join(owner, upload))
})
