import { column } from '@fanone/service-kit'
import { defineEntity } from '@mikro-orm/core'

/** The text of a public video as it is searched: title and description, folded. */
export const VideoSearchEntity = defineEntity({
  name: 'VideoSearch',
  tableName: 'video_search',
  properties: {
    videoId: column.id().primary(),
    authorId: column.id(),
    /** Of the video whose text this is. */
    version: column.integer(),
    text: column.hugeText(),
  },
  indexes: [{ name: 'video_search_by_author', properties: ['authorId', 'videoId'] }],
})

/** A gram of a video's text: a character, or two that follow each other, as one number. */
export const VideoGramEntity = defineEntity({
  name: 'VideoGram',
  tableName: 'video_gram',
  properties: {
    gram: column.id().primary(),
    videoId: column.id().primary(),
  },
})
