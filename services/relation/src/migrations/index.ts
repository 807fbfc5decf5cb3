import { Follows20261121 } from './follows-20261121.ts'

/** In the order they are applied. */
export const migrations = [Follows20261121]
