import { afterAll, beforeAll, expect, test } from 'vitest'
import { database as definition } from '../../services/image-search/src/database.ts'
import { PictureRepository } from '../../services/image-search/src/picture/picture.repository.ts'
import { scratchDatabase } from '../support/scratch-database.ts'

let scratch: Awaited<ReturnType<typeof scratchDatabase>>
let database: Awaited<ReturnType<(typeof scratch)['open']>>
let pictures: PictureRepository
beforeAll(async () => {
  scratch = await scratchDatabase(definition)
  database = await scratch.open()
  pictures = new PictureRepository(database)
})
afterAll(() => scratch.drop())

const setCovers = (videoId: number, fileKeys: string[]) =>
  database.transaction((em) =>
    pictures.setOf(
      em,
      { kind: 'video', id: videoId, ownerId: 7 },
      fileKeys.map((fileKey) => ({ kind: 'cover' as const, fileKey, timeMs: 0 })),
    ),
  )
async function newCover(videoId: number): Promise<number> {
  await setCovers(videoId, [`v${videoId}/cover.jpg`])
  const waiting = await pictures.waiting(1, ['cover'], 100)
  return waiting.find(({ fileKey }) => fileKey === `v${videoId}/cover.jpg`)?.id ?? 0
}

test('a picture that is deleted while its vector is stored stays until that is over', async () => {
  const id = await newCover(1)
  const taken = await pictures.take([id])
  expect([...taken.wanted]).toEqual([id])
  await setCovers(1, [])
  await pictures.forget([id])
  expect(await pictures.removed(10)).toEqual([id])
  expect([...(await pictures.take([id])).wanted]).toEqual([])
  await pictures.release(taken)
  await pictures.forget([id])
  expect(await pictures.removed(10)).toEqual([])
})

test('it stays also while a second instance may be storing it, whichever ends first', async () => {
  const [first, second] = [await newCover(2), await newCover(3)]
  const mine = await pictures.take([first, second])
  const yours = await pictures.take([first, second])
  await pictures.release(mine)
  await setCovers(2, [])
  await pictures.forget([first])
  expect(await pictures.removed(10)).toEqual([first])
  await pictures.release(yours)
  await setCovers(3, [])
  await pictures.forget([first, second])
  expect((await pictures.removed(10)).toSorted((a, b) => a - b)).toEqual([first, second])
})

test('nothing is taken of nothing', async () => {
  const taken = await pictures.take([])
  expect(taken.wanted.size).toBe(0)
  await pictures.release(taken)
})
