import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { createLocalStorage, mediaStoreFolder, publicKey, uploadKey } from '@fanone/storage'
import { ImageSearchConfig } from '../../services/image-search/src/config.ts'
import { contentEvents } from '../../services/image-search/src/content/content.events.ts'
import { ContentService } from '../../services/image-search/src/content/content.service.ts'
import { database as definition } from '../../services/image-search/src/database.ts'
import { openEngine } from '../../services/image-search/src/engine.ts'
import { scratchDatabase, silentLog } from '../support/scratch-database.ts'
import { eventually, home, port } from '../support/stack.ts'

export type ImageSearchParts = Awaited<ReturnType<typeof imageSearchParts>>

/** The parts of an image-search service on real servers, with tables and collections of its own. */
export async function imageSearchParts(settings: Record<string, unknown> = {}) {
  const scratch = await scratchDatabase(definition)
  const folder = await mkdtemp(join(tmpdir(), 'fanone-image-search-'))
  const storage = createLocalStorage({ rootDir: mediaStoreFolder(folder) })
  const env = {
    MILVUS_ADDRESS: `127.0.0.1:${port(7011)}`,
    MILVUS_PREFIX: scratch.name,
    IMAGE_MODEL: join(home, 'data/image-model.onnx'),
  }
  const open = async (changes: Record<string, unknown> = {}) => {
    const config = { ...ImageSearchConfig.parse({ ...env, ...settings, ...changes }), FANONE_HOME: folder }
    const database = await scratch.open()
    const engine = await openEngine({ config, database, storage, milvusPassword: '', log: silentLog })
    const contents = new ContentService({
      ...{ database, pictures: engine.pictures, maxFrames: config.IMAGE_FRAMES },
      onChanged: () => engine.indexer.wake(),
    })
    await engine.worker.start()
    return { ...engine, database, contents, handlers: contentEvents(contents) }
  }
  const parts = await open()
  const put = async (key: string, bytes: Uint8Array) => void (await storage.put(key, Readable.from([bytes])))
  return {
    ...parts,
    storage,
    /** A further instance on the same tables and collections. */
    open,
    publish: (mediaKey: string, bytes: Uint8Array) => put(publicKey(mediaKey), bytes),
    async upload(bytes: Uint8Array): Promise<string> {
      const uploadId = randomBytes(16).toString('hex')
      await put(uploadKey(uploadId), bytes)
      return uploadId
    },
    /** Waits until nothing is left to be indexed or removed. */
    async settled(): Promise<void> {
      await eventually(
        async () => {
          const collections = await parts.collections.all()
          const waiting = await Promise.all(
            collections
              .filter(({ state }) => state !== 'retired')
              .map(({ id }) => parts.pictures.countWaiting(id, ['avatar', 'cover', 'frame'])),
          )
          const removed = await parts.pictures.removed(1)
          const isFilling = collections.some(({ state }) => state === 'filling')
          return !isFilling && removed.length === 0 && waiting.every((count) => count === 0)
        },
        { timeoutMs: 60_000, what: 'everything is indexed' },
      )
    },
    async close(): Promise<void> {
      await parts.worker.stop()
      await scratch.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
