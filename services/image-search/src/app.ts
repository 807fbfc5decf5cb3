import { join } from 'node:path'
import { PixelReader } from '@fanone/pictures'
import type { Kit, ServiceParts, Worker } from '@fanone/service-kit'
import { openStorage } from '@fanone/storage'
import type service from '../service.ts'
import { CollectionRepository } from './collection/collection.repository.ts'
import { contentEvents } from './content/content.events.ts'
import { ContentService } from './content/content.service.ts'
import { indexOperations } from './index/index.operations.ts'
import { Indexer } from './index/indexer.ts'
import { VectorIndex } from './index/vector-index.ts'
import { Embedder } from './model/embedder.ts'
import { ModelFiles } from './model/model-files.ts'
import { FrameReader } from './picture/frame-reader.ts'
import { PictureRepository } from './picture/picture.repository.ts'
import { PixelSource } from './picture/pixel-source.ts'
import { imageOperations } from './search/image.operations.ts'
import { SearchService } from './search/search.service.ts'

type ImageSearchKit = Kit<typeof service>

/** @throws Error when the model or ffmpeg is missing, where image search is on */
export async function createApp(kit: ImageSearchKit): Promise<ServiceParts<typeof service>> {
  const { config, database } = kit
  const pictures = new PictureRepository(database)
  const collections = new CollectionRepository(database)
  const engine = config.IMAGE_SEARCH === 'on' ? await startEngine(kit, { pictures, collections }) : undefined
  const contents = new ContentService({
    ...{ database, pictures, maxFrames: config.IMAGE_FRAMES },
    onChanged: () => engine?.indexer.wake(),
  })
  return {
    operations: {
      images: imageOperations(engine?.search),
      indexes: indexOperations({ collections, pictures, kinds: config.IMAGE_KINDS, engine }),
    },
    handlers: contentEvents(contents),
    workers: { indexer: engine?.worker ?? idle },
  }
}

/** What pictures are indexed and searched with. */
async function startEngine(
  { config, database, log, secret }: ImageSearchKit,
  { pictures, collections }: { pictures: PictureRepository; collections: CollectionRepository },
) {
  const storage = await openStorage({ config, secret })
  const folder = join(config.FANONE_HOME, 'run/image-work')
  const files = new ModelFiles(config.FANONE_HOME)
  const model = await files.add(config)
  await collections.ensure(model)
  const embedder = new Embedder({ files, threads: config.IMAGE_JOBS })
  const index = new VectorIndex({
    address: config.MILVUS_ADDRESS,
    user: config.MILVUS_USER,
    password: config.MILVUS_USER ? await secret('milvus-password') : '',
    tls: config.MILVUS_TLS,
    database: config.MILVUS_DATABASE,
    prefix: config.MILVUS_PREFIX,
  })
  // Searches do not wait behind what is indexed.
  const openReader = (maxWaitMs: number) => PixelReader.open({ folder, concurrency: config.IMAGE_JOBS, maxWaitMs })
  const source = new PixelSource({
    storage,
    pictures: await openReader(60_000),
    frames: await FrameReader.open({ folder }),
  })
  const search = new SearchService({
    ...{ storage, embedder, index, pictures, collections },
    reader: await openReader(8_000),
  })
  const indexer = new Indexer({
    ...{ database, pictures, collections, index, source, embedder, log },
    kinds: config.IMAGE_KINDS,
  })
  const worker: Worker = {
    name: 'indexer',
    start: () => indexer.worker.start(),
    stop: async () => {
      await indexer.worker.stop()
      await embedder.close()
      await index.close()
    },
  }
  return { model, search, indexer, worker }
}

const idle: Worker = { name: 'indexer', start: () => {}, stop: () => {} }
