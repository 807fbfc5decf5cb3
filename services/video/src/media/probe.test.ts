import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Clip, cut, ffmpeg, makeClip, VP9 } from '../testing/clips.ts'
import { coverSize, makeCover } from './cover.ts'
import { probeVideo } from './probe.ts'
import { createSandbox, type Sandbox } from './sandbox.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let folder: string
let sandbox: Sandbox

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fanone-probe-'))
  sandbox = await createSandbox({ folder: join(folder, 'work') })
})
afterAll(() => rm(folder, { recursive: true }))

const fileIn = (name: string) => join(folder, name)

/** Width and height of a JPEG, from its frame header. */
function jpegSize(jpeg: Buffer): { width: number; height: number } {
  expect(jpeg.subarray(0, 3)).toEqual(Buffer.from([0xff, 0xd8, 0xff]))
  const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]))
  return { height: jpeg.readUInt16BE(frame + 5), width: jpeg.readUInt16BE(frame + 7) }
}

/** Makes a clip, probes it and makes its cover, as publishing does. */
async function inspect(name: string, clip: Clip) {
  const path = await makeClip(fileIn(name), clip)
  const video = await probeVideo(path, sandbox)
  return { video, cover: jpegSize(await makeCover(path, { video, sandbox })) }
}

describe('a video that browsers play is described', () => {
  test('MP4 with H.264 and sound', async () => {
    const { video, cover } = await inspect('sound.mp4', { audio: 'aac', seconds: 3 })
    expect(video).toMatchObject({ container: 'mp4', videoCodec: 'h264', width: 320, height: 240, hasAudio: true })
    expect(video.durationMs).toBe(3000)
    expect(cover).toEqual({ width: 320, height: 240 })
  })

  test('MP4 without sound, index first', async () => {
    const { video } = await inspect('silent.mp4', { extra: ['-movflags', 'faststart'] })
    expect(video).toMatchObject({ container: 'mp4', hasAudio: false, durationMs: 2000 })
  })

  test('MP4 in fragments', async () => {
    const { video } = await inspect('fragments.mp4', { extra: ['-movflags', 'frag_keyframe+empty_moov'] })
    expect(video.durationMs).toBeGreaterThan(1900)
  })

  test('MOV, as telephones make them', async () => {
    const { video } = await inspect('phone.mov', { audio: 'aac' })
    expect(video).toMatchObject({ container: 'mp4', videoCodec: 'h264', hasAudio: true })
  })

  test('WebM with VP9 and sound', async () => {
    const { video, cover } = await inspect('sound.webm', { codec: VP9, audio: 'libopus' })
    expect(video).toMatchObject({ container: 'webm', videoCodec: 'vp9', hasAudio: true })
    expect(cover).toEqual({ width: 320, height: 240 })
  })

  test('WebM as a browser records it, stating neither sizes nor duration', async () => {
    const { video } = await inspect('live.webm', { codec: VP9, extra: ['-live', '1', '-f', 'webm'] })
    expect(video.durationMs).toBeGreaterThan(1900)
    expect(video.durationMs).toBeLessThanOrEqual(2000)
  })

  test('a picture on its side is measured as it is shown', async () => {
    await makeClip(fileIn('upright.mp4'), { size: '640x360' })
    const path = fileIn('sideways.mp4')
    await ffmpeg('-i', fileIn('upright.mp4'), '-c', 'copy', '-metadata:s:v', 'rotate=90', path)
    const video = await probeVideo(path, sandbox)
    expect(video).toMatchObject({ width: 360, height: 640 })
    expect(jpegSize(await makeCover(path, { video, sandbox }))).toEqual({ width: 360, height: 640 })
  })

  test('a single frame', async () => {
    const { video } = await inspect('frame.mp4', { extra: ['-frames:v', '1', '-r', '0.2'] })
    expect(video.durationMs).toBe(5000)
  })

  test('odd sides and a large picture become an even cover of at most 1280 pixels', async () => {
    const { video, cover } = await inspect('odd.webm', { codec: VP9, seconds: 0.2, extra: ['-vf', 'scale=1601:901'] })
    expect(video).toMatchObject({ width: 1601, height: 901 })
    expect(cover).toEqual({ width: 1280, height: 720 })
  })
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

describe('a transfer that was cut is incomplete, wherever it was cut', () => {
  const kinds: [string, Clip][] = [
    ['last.mp4', { audio: 'aac' }],
    ['first.mp4', { audio: 'aac', extra: ['-movflags', 'faststart'] }],
    ['sized.webm', { codec: VP9 }],
    ['live-cut.webm', { codec: VP9, extra: ['-live', '1', '-f', 'webm'] }],
  ]

  test.each(kinds)('%s', async (name, clip) => {
    const whole = await makeClip(fileIn(name), clip)
    for (const share of [0.3, 0.7, 0.95]) {
      const path = await cut(whole, fileIn(`cut-${name}`), (bytes) => Math.floor(bytes * share))
      await expect(probeVideo(path, sandbox), `${share}`).rejects.toThrow('The file is incomplete')
    }
    const path = await cut(whole, fileIn(`cut-${name}`), (bytes) => bytes - 1)
    await expect(probeVideo(path, sandbox), 'one byte less').rejects.toThrow('The file is incomplete')
  })
})
