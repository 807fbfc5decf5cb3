import { describe, expect, test, vi } from 'vitest'
import { type Clip, cut, ffmpeg, makeClip, VP9 } from '../testing/clips.ts'
import { examinationRoom } from '../testing/examination.ts'
import { probeVideo } from './probe.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const room = examinationRoom()

/** Makes a clip and examines it, as publishing does. */
const inspect = async (name: string, clip: Clip) => room.findings(await makeClip(room.fileIn(name), clip))

describe('a video that browsers play is described', () => {
  test('MP4 with H.264 and sound', async () => {
    const video = await inspect('sound.mp4', { audio: 'aac', seconds: 3 })
    expect(video).toMatchObject({ container: 'mp4', videoCodec: 'h264', width: 320, height: 240, hasAudio: true })
    expect(video.durationMs).toBe(3000)
    expect(video.cover).toEqual([320, 240])
  })

  test('MP4 without sound, index first', async () => {
    const video = await inspect('silent.mp4', { extra: ['-movflags', 'faststart'] })
    expect(video).toMatchObject({ container: 'mp4', hasAudio: false, durationMs: 2000 })
  })

  test('MP4 in fragments', async () => {
    const video = await inspect('fragments.mp4', { extra: ['-movflags', 'frag_keyframe+empty_moov'] })
    expect(video.durationMs).toBeGreaterThan(1900)
  })

  test('MOV, as telephones make them', async () => {
    const video = await inspect('phone.mov', { audio: 'aac' })
    expect(video).toMatchObject({ container: 'mp4', videoCodec: 'h264', hasAudio: true })
  })

  test('WebM with VP9 and sound', async () => {
    const video = await inspect('sound.webm', { codec: VP9, audio: 'libopus' })
    expect(video).toMatchObject({ container: 'webm', videoCodec: 'vp9', hasAudio: true })
    expect(video.cover).toEqual([320, 240])
  })

  test('WebM as a browser records it, stating neither sizes nor duration', async () => {
    const video = await inspect('live.webm', { codec: VP9, extra: ['-live', '1', '-f', 'webm'] })
    expect(video.durationMs).toBeGreaterThan(1900)
    expect(video.durationMs).toBeLessThanOrEqual(2000)
  })

  test('a picture on its side is measured as it is shown', async () => {
    await makeClip(room.fileIn('upright.mp4'), { size: '640x360' })
    const path = room.fileIn('sideways.mp4')
    await ffmpeg('-i', room.fileIn('upright.mp4'), '-c', 'copy', '-metadata:s:v', 'rotate=90', path)
    expect(await room.findings(path)).toMatchObject({ width: 360, height: 640, cover: [360, 640] })
  })

  test('a single frame', async () => {
    const video = await inspect('frame.mp4', { extra: ['-frames:v', '1', '-r', '0.2'] })
    expect(video.durationMs).toBe(5000)
  })

  test('odd sides and a large picture become an even cover of at most 1280 pixels', async () => {
    const video = await inspect('odd.webm', { codec: VP9, seconds: 0.2, extra: ['-vf', 'scale=1601:901,setsar=1'] })
    expect(video).toMatchObject({ width: 1601, height: 901 })
    expect(video.cover).toEqual([1280, 720])
  })
})

describe('a transfer that was cut is incomplete, wherever it was cut', () => {
  const kinds: [string, Clip][] = [
    ['last.mp4', { audio: 'aac' }],
    ['first.mp4', { audio: 'aac', extra: ['-movflags', 'faststart'] }],
    ['sized.webm', { codec: VP9 }],
    ['live-cut.webm', { codec: VP9, extra: ['-live', '1', '-f', 'webm'] }],
  ]

  test.each(kinds)('%s', async (name, clip) => {
    const whole = await makeClip(room.fileIn(name), clip)
    for (const share of [0.3, 0.7, 0.95]) {
      const path = await cut(whole, room.fileIn(`cut-${name}`), (bytes) => Math.floor(bytes * share))
      await expect(probeVideo(path, room.sandbox), `${share}`).rejects.toThrow('The file is incomplete')
    }
    const path = await cut(whole, room.fileIn(`cut-${name}`), (bytes) => bytes - 1)
    await expect(probeVideo(path, room.sandbox), 'one byte less').rejects.toThrow('The file is incomplete')
  })
})
