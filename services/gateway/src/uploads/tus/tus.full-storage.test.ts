import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { json } from 'node:stream/consumers'
import { finished } from 'node:stream/promises'
import { createLocalStorage, mediaStoreFolder, type Storage, StorageFullError } from '@fanone/storage'
import { afterEach, expect, test, vi } from 'vitest'
import { startTestGateway } from '../../testing/test-gateway.ts'
import { signToken } from '../../testing/test-tokens.ts'

const MEBIBYTE = 1024 ** 2
const id = 'a'.repeat(32)
const upload = {
  ...{ id, kind: 'whole', state: 'receiving', sizeBytes: 64 * MEBIBYTE, metadata: '', sha256: '', partIds: [] },
  createdAt: new Date().toISOString(),
  expiresAt: new Date(Date.now() + 60_000).toISOString(),
}
const uploads = {
  lock: async () => ({ upload, isLocked: true }),
  keepLock: async () => ({ isLocked: true, isWanted: false }),
  unlock: async () => ({}),
}
let gateway: Awaited<ReturnType<typeof startTestGateway>>
afterEach(() => gateway.stop())
vi.setConfig({ testTimeout: 30_000 })

test('a client that goes on sending to a full disk reads why it was refused', async () => {
  const storage = createLocalStorage({ rootDir: mediaStoreFolder('/nowhere') })
  const refusing: Storage = Object.assign(Object.create(storage), {
    growing: {
      stat: async () => null,
      append: async (_key: string, source: AsyncIterable<Uint8Array>) => {
        for await (const _ of source) throw new StorageFullError()
      },
    },
    stat: async () => null,
    serve: () => storage.serve(),
  })
  gateway = await startTestGateway({ video: { uploads } } as never, {}, { storage: refusing })
  const headers = {
    Authorization: `Bearer ${await signToken(gateway.key)}`,
    'Tus-Resumable': '1.0.0',
    'Content-Type': 'application/offset+octet-stream',
    'Upload-Offset': '0',
  }
  const sent = request(`${gateway.url}/v1/uploads/${id}`, {
    method: 'PATCH',
    headers: { ...headers, 'Content-Length': upload.sizeBytes },
  })
  const taken = finished(sent, { readable: false })
  sent.end(Buffer.alloc(upload.sizeBytes))
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  expect([response.statusCode, await json(response)]).toEqual([507, expect.objectContaining({ code: 'storage_full' })])
  // All of it is read, and thrown away: a reset might come before the answer.
  await taken
})
