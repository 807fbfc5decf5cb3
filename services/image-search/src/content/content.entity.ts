import { column } from '@fanone/service-kit'
import { defineEntity, type InferEntity } from '@mikro-orm/core'

/** What has pictures. */
export type ContentKind = 'user' | 'video'

/** What events have told of a user or a video, as far as it decides which pictures there are. */
export const ContentEntity = defineEntity({
  name: 'Content',
  tableName: 'content',
  properties: {
    kind: column.ascii(16).$type<ContentKind>().primary(),
    id: column.id().primary(),
    ownerId: column.id(),
    /** What is older is ignored; 0 before the first event that says what there is. */
    version: column.integer(),
    /** Remembered, so that a late event does not bring it back. */
    isDeleted: column.flag(),
    /** A user who is banned: nothing of theirs is found. */
    isHidden: column.flag(),
    /** The avatar or the cover; empty where there is none. */
    pictureKey: column.ascii(200),
    durationMs: column.integer(),
    /** The file that frames are taken of; empty until the video is ready. */
    framesKey: column.ascii(200),
  },
  indexes: [{ name: 'content_of_owner', properties: ['ownerId'] }],
})
export type ContentRow = InferEntity<typeof ContentEntity>
