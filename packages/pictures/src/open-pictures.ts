import { join } from 'node:path'
import type { Logger } from '@fanone/service-kit'
import type { Storage } from '@fanone/storage'
import { PictureMaker } from './picture-maker.ts'
import { Pictures } from './pictures.ts'

/**
 * The pictures of a service.
 *
 * @throws Error when the decoder does not work here
 */
export async function openPictures(options: {
  config: { FANONE_HOME: string; PICTURE_JOBS: number }
  storage: Storage
  log: Logger
}): Promise<Pictures> {
  const { config, storage, log } = options
  const folder = join(config.FANONE_HOME, 'run/picture-work')
  const maker = await PictureMaker.open({ folder, concurrency: config.PICTURE_JOBS })
  return new Pictures({ storage, maker, log })
}
