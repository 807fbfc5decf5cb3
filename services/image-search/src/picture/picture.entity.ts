import type { ImageKind } from '@fanone/contracts'
import { column } from '@fanone/service-kit'
import { defineEntity, type InferEntity } from '@mikro-orm/core'
import type { ContentKind } from '../content/content.entity.ts'

/**
 * A picture that is to be found. Its id is its key in Milvus. A picture that is gone stays until
 * its vector is gone, too.
 */
export const PictureEntity = defineEntity({
  name: 'Picture',
  tableName: 'picture',
  properties: {
    id: column.id().primary(),
    kind: column.ascii(16).$type<ImageKind>(),
    contentKind: column.ascii(16).$type<ContentKind>(),
    contentId: column.id(),
    ownerId: column.id(),
    /** The media key of the picture, or of the video that it is a frame of. */
    fileKey: column.ascii(200),
    /** Where in the video a frame is; else 0. */
    timeMs: column.integer(),
    /** Of what was embedded, in hex: the same content is embedded once. Empty before that. */
    hash: column.ascii(64),
    /**
     * The collections it has been put into: one with an even and one with an odd number, because at
     * most two are in use. Anything else than the collection's number means: not yet.
     */
    evenSlot: column.integer(),
    oddSlot: column.integer(),
    /** It was tried and has no vector. */
    isUnreadable: column.flag(),
    attempts: column.tinyInteger(),
    /** When it may be tried (again). */
    dueAt: column.time(),
    /** Until then somebody may be putting it into a collection. */
    takenUntil: column.time(),
    removedAt: column.time().nullable(),
  },
  indexes: [
    { name: 'picture_of_content', properties: ['contentKind', 'contentId'] },
    { name: 'picture_even_slot', properties: ['evenSlot', 'id'] },
    { name: 'picture_odd_slot', properties: ['oddSlot', 'id'] },
    { name: 'picture_removed', properties: ['removedAt'] },
    { name: 'picture_hash', properties: ['hash'] },
  ],
})
export type PictureRow = InferEntity<typeof PictureEntity>
