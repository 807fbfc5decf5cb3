import { column } from '@fanone/service-kit'
import { defineEntity, type InferEntity } from '@mikro-orm/core'

/** What the author of a video is called. */
export const AuthorEntity = defineEntity({
  name: 'Author',
  tableName: 'author',
  properties: {
    id: column.id().primary(),
    /** User name and name, folded. */
    text: column.longText(),
    /** Of the profile; 0 while the user service is still to be asked. */
    version: column.integer(),
    /** Banned: none of their videos is shown. */
    isHidden: column.flag().default(false).ignoreSchemaChanges('default'),
    /** When that changed last. */
    hiddenChangedAt: column.optionalTime(),
  },
  indexes: [
    { name: 'author_version', properties: ['version', 'id'] },
    { name: 'author_hidden', properties: ['isHidden', 'id'] },
    { name: 'author_hidden_changed', properties: ['hiddenChangedAt'] },
  ],
})
export type AuthorRow = InferEntity<typeof AuthorEntity>

/** A gram of an author's names. */
export const AuthorGramEntity = defineEntity({
  name: 'AuthorGram',
  tableName: 'author_gram',
  properties: {
    gram: column.id().primary(),
    authorId: column.id().primary(),
  },
})
