import type { ImageKind, imageSearchContract } from '@fanone/contracts'
import type { Operations } from '@fanone/service-kit'
import type { CollectionRepository } from '../collection/collection.repository.ts'
import type { ImageModel } from '../model/image-model.ts'
import type { PictureRepository } from '../picture/picture.repository.ts'
import { isOn } from '../search/image.operations.ts'
import type { Indexer } from './indexer.ts'

export function indexOperations(parts: {
  collections: CollectionRepository
  pictures: PictureRepository
  kinds: readonly ImageKind[]
  /** Undefined where the installation has no image search. */
  engine: { model: ImageModel; indexer: Pick<Indexer, 'wake'> } | undefined
}) {
  return {
    rebuild: async () => {
      const { model, indexer } = isOn(parts.engine)
      await parts.collections.ensure(model, { isNew: true })
      indexer.wake()
      return {}
    },
    state: async () => {
      const live = (await parts.collections.all()).filter(({ state }) => state !== 'retired')
      const newest = live.at(-1)
      return {
        isFilling: newest?.state === 'filling',
        waiting: newest ? await parts.pictures.countWaiting(newest.id, parts.kinds) : 0,
        ...(await parts.pictures.count()),
      }
    },
  } satisfies Operations<typeof imageSearchContract.indexes>
}
