import { join } from 'node:path'
import { PixelReader } from '@fanone/pictures'
import type { Database, Logger, Worker } from '@fanone/service-kit'
import type { Storage } from '@fanone/storage'
import { CollectionRepository } from './collection/collection.repository.ts'
import type { ImageSearchConfig } from './config.ts'
import { Indexer } from './index/indexer.ts'
import { VectorIndex } from './index/vector-index.ts'
import { Embedder } from './model/embedder.ts'
import type { ImageModel } from './model/image-model.ts'
import { ModelFiles } from './model/model-files.ts'
import { FrameReader } from './picture/frame-reader.ts'
import { PictureRepository } from './picture/picture.repository.ts'
import { PixelSource } from './picture/pixel-source.ts'
import { SearchService } from './search/search.service.ts'

/** Who waits longer for a decoder is told to come back; pictures that are indexed have time. */
const SEARCH_WAIT_MS = 8_000
const INDEX_WAIT_MS = 60_000

export interface EngineOptions {
  config: ImageSearchConfig & { FANONE_HOME: string }
  database: Database
  storage: Storage
  /** Of `MILVUS_USER`. */
  milvusPassword: string
  log: Logger
}

/** What pictures are indexed and searched with. */
export interface Engine {
  model: ImageModel
  pictures: PictureRepository
  collections: CollectionRepository
  index: VectorIndex
  search: SearchService
  indexer: Indexer
  /** Indexes; its end closes everything. */
  worker: Worker
}

/** @throws Error when the model or ffmpeg is missing */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { config, database, storage, milvusPassword, log } = options
  const pictures = new PictureRepository(database)
  const collections = new CollectionRepository(database)
  const files = new ModelFiles(config.FANONE_HOME)
  const model = await files.add(config)
  await collections.ensure(model)
  const embedder = new Embedder({ files, threads: config.IMAGE_JOBS })
  const index = new VectorIndex({
    address: config.MILVUS_ADDRESS,
    user: config.MILVUS_USER,
    password: milvusPassword,
    tls: config.MILVUS_TLS,
    authority: config.MILVUS_CA,
    database: config.MILVUS_DATABASE,
    prefix: config.MILVUS_PREFIX,
  })
  const folder = join(config.FANONE_HOME, 'run/image-work')
  const reader = (maxWaitMs: number) => PixelReader.open({ folder, concurrency: config.IMAGE_JOBS, maxWaitMs })
  const source = new PixelSource({
    storage,
    pictures: await reader(INDEX_WAIT_MS),
    frames: await FrameReader.open({ folder }),
  })
  const parts = { pictures, collections, index, embedder }
  // A reader of its own: searches do not wait behind what is indexed.
  const search = new SearchService({ ...parts, storage, reader: await reader(SEARCH_WAIT_MS) })
  const indexer = new Indexer({ ...parts, database, source, kinds: config.IMAGE_KINDS, log })
  const worker: Worker = {
    name: 'indexer',
    start: () => indexer.worker.start(),
    stop: async () => {
      await indexer.worker.stop()
      await embedder.close()
      await index.close()
    },
  }
  return { model, pictures, collections, index, search, indexer, worker }
}
