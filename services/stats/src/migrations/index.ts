import { Collations20261127 } from './collations-20261127.ts'
import { CommentCounters20261127 } from './comment-counters-20261127.ts'
import { Counters20261121 } from './counters-20261121.ts'

/** In the order they are applied. */
export const migrations = [Counters20261121, Collations20261127, CommentCounters20261127]
