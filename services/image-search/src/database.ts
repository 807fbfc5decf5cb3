import type { DatabaseDefinition } from '@fanone/service-kit'
import { CollectionEntity } from './collection/collection.entity.ts'
import { ContentEntity } from './content/content.entity.ts'
import { migrations } from './migrations/index.ts'
import { PictureEntity } from './picture/picture.entity.ts'

/** What the service keeps in MySQL. */
export const database = {
  entities: [CollectionEntity, ContentEntity, PictureEntity],
  migrations,
} satisfies DatabaseDefinition
