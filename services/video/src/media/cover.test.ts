import { describe, expect, test, vi } from 'vitest'
import { ffmpeg, H264, VP9 } from '../testing/clips.ts'
import { bytesOf, examinationRoom } from '../testing/examination.ts'
import { coverSize } from './cover.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

/** WebM as well as MP4. */
const isFull = process.env.FULL === '1'
const room = examinationRoom()

/**
 * Makes a film through a filter and returns the brightness of its cover's pixels, darkest first (0
 * to 255).
 */
async function coverOf(name: string, filter: string, options: { seconds?: number; codec?: string[] } = {}) {
  const { seconds = 4, codec = H264 } = options
  const source = ['-f', 'lavfi', '-i', `testsrc2=size=160x120:rate=10:duration=${seconds}`]
  await ffmpeg(...source, '-vf', filter, '-c:v', ...codec, room.fileIn(name))
  const { cover } = await room.examine(room.fileIn(name))
  const path = await room.write(`${name}.jpg`, cover)
  await ffmpeg('-i', path, '-pix_fmt', 'gray', '-f', 'rawvideo', `${path}.gray`)
  return (await bytesOf(`${path}.gray`)).toSorted()
}
const spread = (pixels: Uint8Array) =>
  (pixels.at(-pixels.length / 10) ?? 0) - (pixels[Math.floor(pixels.length / 10)] ?? 0)

const black = 'drawbox=color=black:thickness=fill'

describe('a cover shows something where the film does', () => {
  test.each([
    ['a film from the beginning on', 'null'],
    ['after a fade from black', `${black}:enable='lt(t,1.2)',fade=st=1.2:d=0.5`],
    ['after a fade from white', `drawbox=color=white:thickness=fill:enable='lt(t,1.2)',fade=st=1.2:d=0.5:color=white`],
    ['in the first half', `${black}:enable='not(between(t,0.8,1.4))'`],
    ['in the second half', `${black}:enable='lt(t,2.8)'`],
  ])('%s', async (_what, filter) => {
    expect(spread(await coverOf('film.mp4', filter))).toBeGreaterThan(80)
    if (isFull) expect(spread(await coverOf('film.webm', filter, { codec: VP9 }))).toBeGreaterThan(80)
  })

  test('where nobody would look, at a key frame', async () => {
    const filter = `${black}:enable='not(between(t,18,20))'`
    expect(spread(await coverOf('rare.mp4', filter, { seconds: 30, codec: [...H264, '-g', '10'] }))).toBeGreaterThan(80)
  })

  test('white words on black are something', async () => {
    const pixels = await coverOf('title.mp4', `${black},drawbox=x=60:y=50:w=40:h=8:color=white:thickness=fill`)
    expect(pixels.at(-1)).toBeGreaterThan(200)
  })

  test('of frames that all show something the early one is taken', async () => {
    const pixels = await coverOf('early.mp4', `eq=contrast=0.5:enable='lt(t,1)'`)
    expect(spread(pixels)).toBeLessThan(150)
  })
})

test.each(['smpte2084', 'arib-std-b67'])('HDR (%s) looks as it does in the renditions, not pale', async (curve) => {
  const path = room.fileIn(`${curve}.mp4`)
  const bars = ['black', 'red', 'lime', 'blue'].map((color, at) => `drawbox=x=${at * 32}:w=32:color=${color}:t=fill`)
  const light = `zscale=min=gbr:pin=bt709:tin=bt709:rin=pc:p=bt2020:t=${curve}:m=bt2020nc:r=tv:npl=203`
  await ffmpeg(
    ...['-f', 'lavfi', '-i', `color=white:size=160x120:rate=10:duration=1,format=rgb24,${bars}`],
    ...['-vf', `format=gbrpf32le,${light},format=yuv420p10le`, '-c:v', 'libx265', '-preset', 'ultrafast'],
    ...['-x265-params', `log-level=error:pools=1:colorprim=bt2020:transfer=${curve}:colormatrix=bt2020nc`, path],
  )
  const { cover } = await room.examine(path)
  const jpeg = await room.write(`${curve}.jpg`, cover)
  await ffmpeg('-i', jpeg, '-vf', 'scale=5:1:flags=area', '-pix_fmt', 'rgb24', '-f', 'rawvideo', `${jpeg}.rgb`)
  const shown = [...(await bytesOf(`${jpeg}.rgb`))]
    .map((value) => (value < 60 ? '-' : value > 150 ? '+' : '?'))
    .join('')
  expect(shown).toBe('---' + '+--' + '-+-' + '--+' + '+++')
})

test.each(['black', 'white', 'gray'])('a film that is %s all through gets a cover all the same', async (color) => {
  const pixels = await coverOf(`${color}.mp4`, `drawbox=color=${color}:thickness=fill`)
  expect(spread(pixels)).toBeLessThan(10)
})

test.each([
  [1, 1, 2, 2],
  [320, 240, 320, 240],
  [321, 241, 322, 242],
  [3840, 2160, 1280, 720],
  [2160, 3840, 720, 1280],
  [8192, 1, 1280, 2],
])('the cover of %d×%d is %d×%d', (width, height, coverWidth, coverHeight) => {
  expect(coverSize({ width, height })).toEqual({ width: coverWidth, height: coverHeight })
})
