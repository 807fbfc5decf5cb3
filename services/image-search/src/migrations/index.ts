import { ImageSearch20261128 } from './image-search-20261128.ts'

/** In the order they are applied. */
export const migrations = [ImageSearch20261128]
