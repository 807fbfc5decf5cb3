import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { copyFile, mkdir, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ImageSearchConfig } from '../config.ts'
import type { ImageModel } from './image-model.ts'

/**
 * The ONNX files that were ever in use, by their hash: pictures are searched with the model that
 * they were indexed with until they are indexed with the next, wherever its file has gone.
 */
export class ModelFiles {
  readonly #folder: string

  constructor(home: string) {
    this.#folder = join(home, 'data/image-models')
  }

  /**
   * Takes in the model that the settings name.
   *
   * @throws Error where there is no such file
   */
  async add(config: ImageSearchConfig & { FANONE_HOME: string }): Promise<ImageModel> {
    const file = config.IMAGE_MODEL ?? join(config.FANONE_HOME, 'data/image-model.onnx')
    const hash = await sha256(file).catch((cause: unknown) => {
      throw new Error(`IMAGE_MODEL: ${file} cannot be read`, { cause })
    })
    const kept = this.pathOf(hash)
    if (!(await stat(kept).catch(() => undefined))) {
      await mkdir(this.#folder, { recursive: true })
      const unfinished = `${kept}.${process.pid}`
      await copyFile(file, unfinished)
      await rename(unfinished, kept)
    }
    return {
      hash,
      side: config.IMAGE_MODEL_SIDE,
      dimension: config.IMAGE_MODEL_DIMENSION,
      mean: config.IMAGE_MODEL_MEAN,
      deviation: config.IMAGE_MODEL_DEVIATION,
    }
  }

  pathOf(hash: string): string {
    return join(this.#folder, `${hash}.onnx`)
  }
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
