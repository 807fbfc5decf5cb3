import { expect, it } from 'vitest'
import { chunksOf } from './chunks.ts'

it.each([
  [[], []],
  [[1], [[1]]],
  [[1, 2], [[1, 2]]],
  [
    [1, 2, 3, 4, 5],
    [[1, 2], [3, 4], [5]],
  ],
])('cuts %j into %j', (items, chunks) => expect(chunksOf<number>(items, 2)).toEqual(chunks))
