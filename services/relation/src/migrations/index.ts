import { KnownUsers20261127, KnownUsers20261128 } from '@fanone/service-kit'
import { Follows20261121 } from './follows-20261121.ts'
import { Repeats20261127 } from './repeats-20261127.ts'

/** In the order they are applied. */
export const migrations = [Follows20261121, Repeats20261127, KnownUsers20261127, KnownUsers20261128]
