import { column } from '@fanone/service-kit'
import { defineEntity, type InferEntity } from '@mikro-orm/core'

/** One is searched; another may be filled to replace it; what was replaced is removed soon. */
export type CollectionState = 'serving' | 'filling' | 'retired'

/** A collection in Milvus, and the model whose features it holds. */
export const CollectionEntity = defineEntity({
  name: 'Collection',
  tableName: 'collection',
  properties: {
    id: column.integer().primary(),
    state: column.ascii(16).$type<CollectionState>(),
    /** SHA-256 of the model's file, in hex. */
    modelHash: column.asciiChar(64),
    side: column.smallInteger(),
    dimension: column.smallInteger(),
    /** Three numbers divided by commas. */
    mean: column.ascii(100),
    deviation: column.ascii(100),
    changedAt: column.time(),
  },
})
export type CollectionRow = InferEntity<typeof CollectionEntity>
