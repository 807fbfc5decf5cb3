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
import { indexOperations } from '../../services/image-search/src/index/index.operations.ts'
import { scratchDatabase, silentLog } from '../support/scratch-database.ts'
import { eventually, home, port } from '../support/stack.ts'

/** Whoever has published what these parts are told of. */
export const AUTHOR_ID = 7
/** Around what an event tells; nothing here reads it. */
export const event = { id: 'x', source: 'x', type: 'x', specversion: '1.0', data: {} } as const

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
    const milvusPassword = String(changes.milvusPassword ?? '')
    const engine = await openEngine({ config, database, storage, milvusPassword, log: silentLog })
    const contents = new ContentService({
      ...{ database, pictures: engine.pictures, maxFrames: config.IMAGE_FRAMES },
      onChanged: () => engine.indexer.wake(),
    })
    const { pictures, collections } = engine
    const indexes = indexOperations({ collections, pictures, kinds: config.IMAGE_KINDS, engine })
    await engine.worker.start()
    return { ...engine, database, contents, indexes, handlers: contentEvents(contents) }
  }
  const parts = await open()
  let version = 0
  const put = async (key: string, bytes: Uint8Array) => void (await storage.put(key, Readable.from([bytes])))
  return {
    ...parts,
    storage,
    folder,
    /** Of the database. */
    name: scratch.name,
    /** A further instance on the same tables and collections. */
    open,
    publish: (mediaKey: string, bytes: Uint8Array) => put(publicKey(mediaKey), bytes),
    async publishVideo(videoId: number, cover: Uint8Array, durationMs = 1_000): Promise<void> {
      const coverKey = `v${videoId}/cover.jpg`
      await put(publicKey(coverKey), cover)
      const at = new Date().toISOString()
      const data = {
        ...{ videoId, authorId: AUTHOR_ID, title: 't', description: '', videoKey: `v${videoId}/video.mp4`, coverKey },
        ...{ durationMs, width: 320, height: 180, version: ++version, createdAt: at, updatedAt: at },
      }
      await parts.handlers['video.published']({ event, data, log: silentLog })
    },
    async deleteVideo(videoId: number): Promise<void> {
      const data = { videoId, authorId: AUTHOR_ID, version: ++version, deletedAt: new Date().toISOString() }
      await parts.handlers['video.deleted']({ event, data, log: silentLog })
    },
    /** What a picture finds, by what it belongs to. */
    async found(query: Uint8Array, limit = 20): Promise<number[]> {
      const uploadId = await this.upload(query)
      return (await parts.search.byUpload({ uploadId, limit })).map(({ contentId }) => contentId)
    },
    /** The pictures in Milvus, of the collection that is searched. */
    async inMilvus(): Promise<number[]> {
      const serving = await parts.collections.serving()
      return parts.index.ids({ id: serving?.id ?? 0 })
    },
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
