import { expect, test } from 'vitest'
import { layoutFor, thumbnails } from './storyboard.ts'

test.each([
  [9_032, { everySeconds: 1, count: 9, columns: 9, rows: 1 }],
  [400, { everySeconds: 1, count: 1, columns: 1, rows: 1 }],
  [100_000, { everySeconds: 1, count: 100, columns: 10, rows: 10 }],
  [250_000, { everySeconds: 3, count: 84, columns: 10, rows: 9 }],
  [401_000, { everySeconds: 8, count: 51, columns: 10, rows: 6 }],
  [14_400_000, { everySeconds: 144, count: 100, columns: 10, rows: 10 }],
])('of %d ms', (durationMs, layout) => {
  expect(layoutFor({ durationMs, width: 1920, height: 1080 })).toMatchObject({
    ...layout,
    tile: { width: 160, height: 90 },
  })
})

test('WebVTT names a part of the sprite for every time, to the end', () => {
  const layout = layoutFor({ durationMs: 11_500, width: 90, height: 160 })
  const cues = thumbnails(layout, 11_500).split('\n\n')
  expect(cues[0]).toBe('WEBVTT')
  expect(cues[1]).toBe('00:00:00.000 --> 00:00:01.000\nsprite.jpg#xywh=0,0,90,160')
  expect(cues[12]).toBe('00:00:11.000 --> 00:00:11.500\nsprite.jpg#xywh=90,160,90,160\n')
})
