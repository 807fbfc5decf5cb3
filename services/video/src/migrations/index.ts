import { HiddenAuthors20261128 } from './hidden-authors-20261128.ts'
import { MediaJobs20261128 } from './media-jobs-20261128.ts'
import { Repeats20261127 } from './repeats-20261127.ts'
import { Search20261121 } from './search-20261121.ts'
import { UploadChunks20261128 } from './upload-chunks-20261128.ts'
import { Uploads20261128 } from './uploads-20261128.ts'
import { Videos20261121 } from './videos-20261121.ts'

/** In the order they are applied. */
export const migrations = [
  Videos20261121,
  Search20261121,
  Repeats20261127,
  Uploads20261128,
  UploadChunks20261128,
  MediaJobs20261128,
  HiddenAuthors20261128,
]
