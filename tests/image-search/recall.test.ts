import { afterAll, beforeAll, expect, test } from 'vitest'
import { fetchImageSearch } from '../../scripts/setup/image-search.ts'
import { readSettings } from '../../scripts/stack/settings.ts'
import { drawing } from '../support/drawings.ts'
import { isFull } from '../support/sampling.ts'
import { colourHistogram, perceptualHash, serviceFeatures } from './descriptions.ts'
import { measureRecall } from './recall.ts'
import { samplePictures } from './sample-pictures.ts'

/** What the model reaches with pictures that are much alike: docs/image-search.md has the table. */
const LEAST = { atOne: 0.78, atTen: 0.95 }

let features: Awaited<ReturnType<typeof serviceFeatures>>
beforeAll(async () => {
  const { imageModel } = await fetchImageSearch(readSettings().cache)
  features = await serviceFeatures(imageModel)
})
afterAll(() => features?.close())

test('drawings are found by what became of them', async () => {
  const pictures = await Promise.all(Array.from({ length: 8 }, (_, index) => drawing(index)))
  const recall = (await measureRecall({ pictures, queries: 3, describe: features.describe })).get('all')
  expect(recall?.atOne).toBeGreaterThanOrEqual(0.93)
  const byHash = (await measureRecall({ pictures, queries: 3, describe: perceptualHash })).get('all')
  expect(byHash?.atOne).toBeLessThan(0.93)
})

test.runIf(isFull)('of more than 200 pictures the right one is found', { timeout: 900_000 }, async () => {
  const pictures = await samplePictures()
  expect(pictures.length).toBeGreaterThan(200)
  const measure = async (describe: typeof perceptualHash) =>
    (await measureRecall({ pictures, queries: pictures.length, describe })).get('all')
  const recall = await measure(features.describe)
  expect(recall?.atOne).toBeGreaterThanOrEqual(LEAST.atOne)
  expect(recall?.atTen).toBeGreaterThanOrEqual(LEAST.atTen)
  for (const other of [perceptualHash, colourHistogram]) expect((await measure(other))?.atOne).toBeLessThan(LEAST.atOne)
})
