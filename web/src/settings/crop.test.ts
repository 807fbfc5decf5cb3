import { expect, test } from 'vitest'
import { cropped, moved, wholeSquare, zoomed } from './crop.ts'

const wide = { width: 400, height: 200 }

test('begins with the largest square, in the middle', () => {
  expect(cropped(wholeSquare(wide), wide)).toEqual({ x: 100, y: 0, edge: 200 })
})

test('a picture dragged to the right shows more of its left, and stops at its edge', () => {
  const crop = moved(wholeSquare(wide), wide, { x: 0.25, y: 0.5 })
  expect(cropped(crop, wide)).toEqual({ x: 50, y: 0, edge: 200 })
  expect(cropped(moved(crop, wide, { x: 3, y: 0 }), wide)).toEqual({ x: 0, y: 0, edge: 200 })
})

test('zoom keeps the middle, and zooming out stays inside', () => {
  const near = zoomed(wholeSquare(wide), wide, 4)
  expect(cropped(near, wide)).toEqual({ x: 175, y: 75, edge: 50 })
  const corner = moved(near, wide, { x: 9, y: 9 })
  expect(cropped(corner, wide)).toEqual({ x: 0, y: 0, edge: 50 })
  expect(cropped(zoomed(corner, wide, 1), wide)).toEqual({ x: 0, y: 0, edge: 200 })
})
