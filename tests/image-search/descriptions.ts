import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PixelReader } from '@fanone/pictures'
import sharp, { type Sharp } from 'sharp'
import { ImageSearchConfig } from '../../services/image-search/src/config.ts'
import { Embedder } from '../../services/image-search/src/model/embedder.ts'
import { ModelFiles } from '../../services/image-search/src/model/model-files.ts'
import type { Describe } from './recall.ts'

/** As many as wait for the threads at most. */
const AT_A_TIME = 16

/** Features as the service makes them, with its decoder and its threads. */
export async function serviceFeatures(model: string, threads = 2) {
  const folder = await mkdtemp(join(tmpdir(), 'fanone-features-'))
  const config = ImageSearchConfig.parse({ MILVUS_ADDRESS: '127.0.0.1:1', IMAGE_MODEL: model })
  const files = new ModelFiles(folder)
  const imageModel = await files.add({ ...config, FANONE_HOME: folder })
  const embedder = new Embedder({ files, threads })
  const reader = await PixelReader.open({ folder: join(folder, 'work'), concurrency: 1, maxWaitMs: 600_000 })
  const describe: Describe = async (pictures) => {
    const features: Float32Array[] = []
    for (let index = 0; index < pictures.length; index += AT_A_TIME) {
      const paths = await Promise.all(
        pictures.slice(index, index + AT_A_TIME).map(async (picture, place) => {
          const path = join(folder, `picture-${place}`)
          await writeFile(path, picture)
          return path
        }),
      )
      const read = await reader.readAll(paths, imageModel.side)
      const made = read.map((pixels) => {
        if (!pixels) throw new Error('a picture could not be read')
        return embedder.embed(imageModel, pixels)
      })
      features.push(...(await Promise.all(made)))
    }
    return features
  }
  return {
    describe,
    async close() {
      await embedder.close()
      await rm(folder, { recursive: true })
    },
  }
}

/** Whether each pixel of 9 × 8 is brighter than its neighbour: a perceptual hash (dHash). */
export const perceptualHash: Describe = (pictures) =>
  Promise.all(
    pictures.map(async (picture) => {
      const grey = await pixelsOf(sharp(picture).greyscale(), 9, 8)
      const isBrighter = (x: number, y: number) => (grey[y * 9 + x + 1] ?? 0) > (grey[y * 9 + x] ?? 0)
      return Float32Array.from({ length: 64 }, (_, bit) => (isBrighter(bit % 8, Math.floor(bit / 8)) ? 1 : -1))
    }),
  )

/** How often each of 512 colours is there, of length 1. */
export const colourHistogram: Describe = (pictures) =>
  Promise.all(
    pictures.map(async (picture) => {
      const pixels = await pixelsOf(sharp(picture).removeAlpha(), 64, 64)
      const counts = new Float32Array(512)
      for (let at = 0; at < pixels.length; at += 3) {
        const [red = 0, green = 0, blue = 0] = pixels.subarray(at, at + 3)
        const colour = (red >> 5) * 64 + (green >> 5) * 8 + (blue >> 5)
        counts[colour] = (counts[colour] ?? 0) + 1
      }
      const length = Math.hypot(...counts)
      return counts.map((count) => count / length)
    }),
  )

const pixelsOf = (picture: Sharp, width: number, height: number) =>
  picture.toColourspace('srgb').resize(width, height, { fit: 'fill' }).raw().toBuffer()
