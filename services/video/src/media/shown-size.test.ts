import { expect, test } from 'vitest'
import { shownSize } from './shown-size.ts'
import type { Stream } from './streams.ts'

/** A picture of 720 × 576 with these pixels, turned that far. */
const picture = (ratio: string | undefined, rotation: number | undefined, size = { width: 720, height: 576 }) =>
  ({ ...size, sample_aspect_ratio: ratio, side_data_list: [{}, { rotation }] }) as Stream

test.each([
  ['64:45', 1024, 576],
  ['16:15', 768, 576],
  ['1:1', 720, 576],
  ['100:101', 720, 576],
  ['101:100', 720, 576],
  ['8:9', 720, 648],
  ['0:1', 720, 576],
  ['0:0', 720, 576],
  ['1:0', 720, 576],
  [undefined, 720, 576],
])('pixels of %s', (ratio, width, height) => {
  for (const upright of [undefined, 0, 180, -180]) expect(shownSize(picture(ratio, upright))).toEqual({ width, height })
  for (const turned of [90, -90, 270])
    expect(shownSize(picture(ratio, turned))).toEqual({ width: height, height: width })
})

test('of a shape that makes a side too long only the shape counts', () => {
  expect(shownSize(picture('100:1', 0))).toEqual({ width: 8192, height: 66 })
  expect(shownSize(picture('1:1000000', 0))).toEqual({ width: 1, height: 8192 })
})

test.each([
  [0, 10],
  [8193, 10],
  [10, 8193],
])('a coded picture of %d × %d is refused', (width, height) => {
  expect(() => shownSize(picture('1:1', 0, { width, height }))).toThrow('at most 8192 pixels')
})
