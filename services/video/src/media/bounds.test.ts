import { measureUsage } from '@fanone/sandbox/usage'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { box, ffmpeg, makeClip, repeatBoxes, VP9 } from '../testing/clips.ts'
import { bytesOf, examinationRoom, type examine } from '../testing/examination.ts'
import {
  claimDuration,
  claimSize,
  codedSize,
  stateDuration,
  webmWithTracks,
  withMatrix,
} from '../testing/forged-media.ts'
import { NotAVideoError } from './not-a-video-error.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

/** What one upload may take (target S9). */
const MAX_CPU_SECONDS = 30
const MAX_MEMORY_BYTES = 512 * 1024 * 1024

const room = examinationRoom()
const { fileIn } = room
let clip: Buffer

beforeAll(async () => {
  clip = await bytesOf(await makeClip(fileIn('clip.mp4'), { size: '64x48', seconds: 2 }))
})

/** Examines a file and checks what that took. */
async function examined(path: string) {
  const { result, ...usage } = await measureUsage({ parentPid: process.pid, folder: room.fileIn('work') }, () =>
    room.examine(path).catch((error: unknown) => error),
  )
  expect(usage.cpuSeconds).toBeLessThanOrEqual(MAX_CPU_SECONDS)
  expect(usage.peakBytes).toBeLessThanOrEqual(MAX_MEMORY_BYTES)
  return result
}

async function refusalOf(content: Buffer, name = 'hostile.mp4'): Promise<string> {
  await room.write(name, content)
  const refusal = await examined(fileIn(name))
  expect(refusal).toBeInstanceOf(NotAVideoError)
  return (refusal as NotAVideoError).reason
}

/** What an accepted file was found to be. */
async function findings(content: Buffer, name = 'odd.mp4') {
  await room.write(name, content)
  const result = await examined(fileIn(name))
  if (result instanceof Error) throw result
  return (result as Awaited<ReturnType<typeof examine>>).video
}

describe('a hundred thousand streams are refused', () => {
  test('with nothing in them', async () => {
    await refusalOf(
      Buffer.concat([
        box('ftyp', Buffer.from('isom\0\0\0\0isom')),
        box('moov', ...new Array(100_000).fill(box('trak'))),
      ]),
    )
  })

  test('of 1 × 1 pixel, each complete', async () => {
    const dot = await makeClip(fileIn('dot.mp4'), {
      size: '16x16',
      seconds: 0.2,
      codec: VP9,
      extra: ['-vf', 'scale=1:1'],
    })
    await refusalOf(repeatBoxes(await bytesOf(dot), 'trak', 100_000))
  })

  test('in a WebM file', async () => {
    expect(await refusalOf(webmWithTracks(100_000), 'streams.webm')).toBe('The file has too many streams')
  })

  test('and so are forty, as real as can be', async () => {
    const copies = Array.from({ length: 40 }, () => ['-map', '0:v']).flat()
    await ffmpeg('-i', fileIn('clip.mp4'), ...copies, '-c', 'copy', fileIn('forty.mp4'))
    await refusalOf(await bytesOf(fileIn('forty.mp4')))
  })
})

test('a million boxes are refused', async () => {
  const boxes = new Array(1_000_000).fill(box('free'))
  expect(await refusalOf(Buffer.concat([box('ftyp', Buffer.from('isom\0\0\0\0isom')), ...boxes]))).toBe(
    'The file is damaged',
  )
})

describe('a file that lies about its duration', () => {
  test.each(
    [3, 10].flatMap((hours) => (['mvhd', 'tkhd', 'mdhd', 'elst'] as const).map((name) => [hours, name] as const)),
  )('%d hours in %s: what counts are its frames', async (hours, name) => {
    expect((await findings(claimDuration(clip, hours * 3_600, [name]))).durationMs).toBe(2_000)
  })

  test('ten hours in all of them: what counts are its frames', async () => {
    expect((await findings(claimDuration(clip, 36_000))).durationMs).toBe(2_000)
  })

  test('three hours in a WebM file is incomplete', async () => {
    const path = await makeClip(fileIn('honest.webm'), { size: '64x48', codec: VP9 })
    const honest = await bytesOf(path)
    expect((await findings(honest, 'honest.webm')).durationMs).toBe(2_000)
    expect(await refusalOf(stateDuration(honest, 3 * 3_600), 'lie.webm')).toBe('The file is incomplete')
  })

  test('or really is ten hours long is refused', async () => {
    await makeClip(fileIn('long.mp4'), { size: '16x16', extra: ['-vf', 'setpts=PTS*18000', '-vsync', 'vfr'] })
    expect(await refusalOf(await bytesOf(fileIn('long.mp4')))).toBe('The video is longer than 4 hours')
  })
})

test.each(['mp4', 'webm'])(
  'a real video of three hours is accepted, and is three hours long: %s',
  async (extension) => {
    const path = fileIn(`three-hours.${extension}`)
    const codec = extension === 'mp4' ? ['libx264', '-preset', 'ultrafast'] : VP9
    // One frame in ten seconds.
    await ffmpeg('-f', 'lavfi', '-i', 'color=size=32x32:rate=0.1:duration=10800', '-c:v', ...codec, path)
    expect(await findings(await bytesOf(path), `again.${extension}`)).toMatchObject({
      durationMs: 10_800_000,
      width: 32,
    })
  },
)

describe('absurd dimensions', () => {
  test.each([
    [0, 0],
    [65_535, 65_535],
    [1, 65_535],
  ])('%d × %d in the headers only: what counts is the coded picture', async (width, height) => {
    expect(await findings(claimSize(clip, width, height))).toMatchObject({ width: 64, height: 48 })
  })

  test.each([
    [65_536, 65_536],
    [65_536, 16],
    [16_384, 16_384],
  ])('%d × %d coded: refused', async (width, height) => {
    await refusalOf(codedSize(clip, width, height))
  })

  test('a real picture of absurd width is refused', async () => {
    await makeClip(fileIn('wide.webm'), { size: '9000x16', seconds: 0.1, codec: VP9 })
    expect(await refusalOf(await bytesOf(fileIn('wide.webm')))).toBe(
      'The picture must be at most 8192 pixels wide and high',
    )
  })

  test('the largest picture that may be, from a few hundred bytes, is decoded within the limits or refused', async () => {
    const path = fileIn('bomb.mp4')
    await ffmpeg(
      '-f',
      'lavfi',
      '-i',
      'color=size=8192x8192:rate=1:duration=3',
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      path,
    )
    const outcome = await examined(path)
    if (outcome instanceof Error) expect(outcome).toBeInstanceOf(NotAVideoError)
  })
})

test.each([
  ['nothing but zeros', Array<number>(9).fill(0)],
  ['mirrored both ways', [-0x1_0000, 0, 0, 0, -0x1_0000, 0, 0, 0, 0x4000_0000]],
  ['as negative as can be', Array<number>(9).fill(-0x8000_0000)],
])('a transformation matrix that is %s changes nothing of the size', async (_what, matrix) => {
  expect(await findings(withMatrix(clip, matrix))).toMatchObject({ width: 64, height: 48 })
})
