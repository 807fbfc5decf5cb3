import { KnownUsers20261127, KnownUsers20261128 } from '@fanone/service-kit'
import { CommentPages20261127 } from './comment-pages-20261127.ts'
import { ContentKinds20261127 } from './content-kinds-20261127.ts'
import { Interactions20261121 } from './interactions-20261121.ts'
import { Repeats20261127 } from './repeats-20261127.ts'

/** In the order they are applied. */
export const migrations = [
  Interactions20261121,
  ContentKinds20261127,
  Repeats20261127,
  CommentPages20261127,
  KnownUsers20261127,
  KnownUsers20261128,
]
