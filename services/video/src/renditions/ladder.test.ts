import { expect, test } from 'vitest'
import { ladderFor } from './ladder.ts'

test.each([
  [
    [1920, 1080],
    ['426x240', '852x480', '1280x720', '1920x1080'],
  ],
  [
    [3840, 2160],
    ['426x240', '852x480', '1280x720', '1920x1080'],
  ],
  [
    [1080, 1920],
    ['240x426', '480x852', '720x1280', '1080x1920'],
  ],
  [
    [1280, 720],
    ['426x240', '852x480', '1280x720'],
  ],
  [
    [640, 360],
    ['426x240', '640x360'],
  ],
  [[500, 260], ['460x240']],
  [
    [641, 361],
    ['426x240', '640x360'],
  ],
  [[97, 55], ['96x54']],
  [[1, 1], ['2x2']],
])('%j becomes %j', ([width = 0, height = 0], sizes) => {
  expect(ladderFor({ width, height }).map((rung) => `${rung.width}x${rung.height}`)).toEqual(sizes)
})
