import type { Kit, ServiceParts, Worker } from '@fanone/service-kit'
import { openStorage } from '@fanone/storage'
import type service from '../service.ts'
import { CollectionRepository } from './collection/collection.repository.ts'
import { contentEvents } from './content/content.events.ts'
import { ContentService } from './content/content.service.ts'
import { openEngine } from './engine.ts'
import { indexOperations } from './index/index.operations.ts'
import { PictureRepository } from './picture/picture.repository.ts'
import { imageOperations } from './search/image.operations.ts'

type ImageSearchKit = Kit<typeof service>

/** Without image search, pictures are noted and wait. */
export async function createApp(kit: ImageSearchKit): Promise<ServiceParts<typeof service>> {
  const { config, database } = kit
  const engine = config.IMAGE_SEARCH === 'on' ? await openEngineOf(kit) : undefined
  const pictures = new PictureRepository(database)
  const contents = new ContentService({
    ...{ database, pictures, maxFrames: config.IMAGE_FRAMES },
    onChanged: () => engine?.indexer.wake(),
  })
  const collections = new CollectionRepository(database)
  return {
    operations: {
      images: imageOperations(engine?.search),
      indexes: indexOperations({ collections, pictures, kinds: config.IMAGE_KINDS, engine }),
    },
    handlers: contentEvents(contents),
    workers: { indexer: engine?.worker ?? idle },
  }
}

async function openEngineOf({ config, database, log, secret }: ImageSearchKit) {
  const storage = await openStorage({ config, secret })
  const milvusPassword = config.MILVUS_USER ? await secret('milvus-password') : ''
  return openEngine({ config, database, storage, milvusPassword, log })
}

const idle: Worker = { name: 'indexer', start: () => {}, stop: () => {} }
