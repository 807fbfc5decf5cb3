import { describe, expect, test, vi } from 'vitest'
import { type Clip, cut, ffmpeg, makeClip, VP9 } from '../testing/clips.ts'
import { bytesOf, caseFile, examinationRoom } from '../testing/examination.ts'
import { encryptedWebm, stateDuration, withLateClock } from '../testing/forged-media.ts'
import type { VideoProbe } from './probe.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

/** Every variant, instead of one of each kind. */
const isFull = process.env.FULL === '1'
const room = examinationRoom()

describe('files that met trouble elsewhere', () => {
  test.each<[string, Partial<VideoProbe> & { cover?: [number, number] }]>([
    ['sar_pal.mp4', { width: 1024, height: 576, cover: [1024, 576] }],
    ['sar_square.mp4', { width: 640, height: 360, cover: [640, 360] }],
    ['sar_square.webm', { width: 640, height: 360, cover: [640, 360] }],
    ['late_start.webm', { durationMs: 2_000 }],
    ['piece1.webm', { durationMs: 3_014 }],
    ['trail_camera_record.mp4', { durationMs: 3_000 }],
    ['mov_moov_first.mov', { container: 'mp4', durationMs: 3_000 }],
    ['mjpeg_video_first.mov', { videoCodec: 'h264', width: 320, height: 180, hasAudio: true, durationMs: 3_000 }],
    ['hevc_hev1.mp4', { videoCodec: 'hevc', playsEverywhere: false }],
    ['mr_h264.webm', { videoCodec: 'h264', container: 'webm', playsEverywhere: false }],
    ['h264_444.mp4', { videoCodec: 'h264', playsEverywhere: false }],
    ['h264_hi10.mp4', { videoCodec: 'h264', playsEverywhere: false }],
  ])('%s is accepted', async (name, facts) => {
    expect(await room.findings(caseFile(name))).toMatchObject(facts)
  })

  test('drm.mp4 is refused as encrypted', async () => {
    expect(await room.refusalOf(caseFile('drm.mp4'))).toBe('The file is encrypted')
  })
})

describe('pixels that are not square', () => {
  test.each<[string, Clip, [number, number]]>([
    ['wide.mp4', { size: '64x48', extra: ['-vf', 'setsar=4/3'] }, [85, 48]],
    ['tall.webm', { size: '72x48', codec: VP9, extra: ['-vf', 'setsar=8/9'] }, [72, 54]],
    ['almost-square.mp4', { size: '64x48', extra: ['-vf', 'setsar=100/101'] }, [64, 48]],
  ])('are shown as the file says: %s', async (name, clip, [width, height]) => {
    const path = await makeClip(room.fileIn(name), { seconds: 0.4, ...clip })
    expect(await room.findings(path)).toMatchObject({ width, height })
  })

  test.each([90, 270])('are turned as the picture is: %d', async (rotate) => {
    const upright = await makeClip(room.fileIn('upright.mov'), {
      size: '64x48',
      seconds: 0.4,
      extra: ['-vf', 'setsar=2/1'],
    })
    const path = room.fileIn(`turned-${rotate}.mov`)
    await ffmpeg('-i', upright, '-c', 'copy', '-metadata:s:v', `rotate=${rotate}`, path)
    expect(await room.findings(path)).toMatchObject({ width: 48, height: 128, cover: [48, 128] })
  })
})

describe('a clock that does not begin at 0 adds nothing to the duration', () => {
  const late = (seconds: number, ...extra: string[]): Clip => ({
    size: '64x48',
    codec: VP9,
    audio: 'libopus',
    extra: ['-output_ts_offset', `${seconds}`, ...extra],
  })

  // Later than the longest video may be, too.
  test.each(isFull ? [0.5, 3.007, 100, 7_200, 20_000] : [20_000])('WebM from %d s on', async (seconds) => {
    const path = await makeClip(room.fileIn('late.webm'), late(seconds))
    const { durationMs } = await room.findings(path)
    expect(Math.abs(durationMs - 2_000)).toBeLessThan(30)
    await expect(room.refusalOf(await cut(path, room.fileIn('cut.webm'), (bytes) => bytes - 1))).resolves.toBe(
      'The file is incomplete',
    )
  })

  test('WebM that states how long it plays instead of when it ends', async () => {
    const path = await makeClip(room.fileIn('late.webm'), late(100))
    const stated = await room.write('stated.webm', stateDuration(await bytesOf(path), 2))
    expect(await room.findings(stated)).toMatchObject({ durationMs: 2_000 })
  })

  test('WebM as a browser records it', async () => {
    const path = await makeClip(room.fileIn('live.webm'), late(100, '-live', '1', '-f', 'webm'))
    const { durationMs } = await room.findings(path)
    expect(Math.abs(durationMs - 2_000)).toBeLessThan(60)
    expect(await room.refusalOf(await cut(path, room.fileIn('cut.webm'), (bytes) => bytes - 1))).toBe(
      'The file is incomplete',
    )
  })

  test('MP4 that shows nothing for a while', async () => {
    const path = await makeClip(room.fileIn('late.mp4'), { size: '64x48', extra: ['-output_ts_offset', '100'] })
    expect(await room.findings(path)).toMatchObject({ durationMs: 2_000 })
  })

  test.each(isFull ? [1, 100, 20_000] : [20_000])(
    'MP4 in fragments from %d s on, as a piece of a broadcast',
    async (seconds) => {
      const fragments = ['-movflags', 'frag_keyframe+empty_moov+default_base_moof']
      const path = await makeClip(room.fileIn('fragments.mp4'), { size: '64x48', extra: fragments })
      const movie = withLateClock(await bytesOf(path), seconds * 12_800)
      const { durationMs } = await room.findings(await room.write('late-fragments.mp4', movie))
      expect(Math.abs(durationMs - 2_000)).toBeLessThan(60)
    },
  )
})

describe('bytes behind the end', () => {
  test.each([
    ['clip.mp4', []],
    ['fragments.mp4', ['-movflags', 'frag_keyframe+empty_moov']],
    ['clip.mov', []],
    ['clip.webm', ['-c:v', ...VP9]],
    ['live.webm', ['-c:v', ...VP9, '-live', '1', '-f', 'webm']],
  ])('change nothing: %s', async (name, extra) => {
    const path = await makeClip(room.fileIn(name), { size: '64x48', extra })
    const expected = await room.findings(path)
    for (const tail of isFull ? ['\0\0\0\0', '\r\n', `TAG${'x'.repeat(125)}`] : ['\r\n']) {
      const longer = Buffer.concat([await bytesOf(path), Buffer.from(tail, 'latin1')])
      expect(await room.findings(await room.write(`longer-${name}`, longer))).toEqual(expected)
    }
  })
})

describe('what is encrypted is refused as such', () => {
  const key = ['-encryption_key', '0123456789abcdef'.repeat(2), '-encryption_kid', 'fedcba9876543210'.repeat(2)]

  test.each([
    ['MP4', []],
    ['MP4, index first', ['-movflags', 'faststart']],
    ['MP4 in fragments', ['-movflags', 'frag_keyframe+empty_moov']],
  ])('%s', async (_what, extra) => {
    const scheme = ['-encryption_scheme', 'cenc-aes-ctr', ...key]
    const path = await makeClip(room.fileIn('drm.mp4'), { size: '64x48', audio: 'aac', extra: [...scheme, ...extra] })
    expect(await room.refusalOf(path)).toBe('The file is encrypted')
  })

  test('WebM', async () => {
    expect(await room.refusalOf(await room.write('drm.webm', encryptedWebm()))).toBe('The file is encrypted')
  })
})

describe('the first track that browsers play is the video', () => {
  test.each([
    ['a picture', ['mjpeg', '-pix_fmt', 'yuvj420p']],
    ['a lossless picture', ['png']],
    ['a film of another kind', ['mpeg4']],
  ])('behind %s', async (_what, codec) => {
    const other = await makeClip(room.fileIn('other.mov'), { size: '32x32', codec })
    const clip = await makeClip(room.fileIn('clip.mov'), { size: '64x48', seconds: 1 })
    const path = room.fileIn('both.mov')
    await ffmpeg('-i', other, '-i', clip, '-map', '0', '-map', '1', '-c', 'copy', path)
    expect(await room.findings(path)).toMatchObject({ videoStreamIndex: 1, width: 64, durationMs: 1_000 })
  })

  test('behind a cover', async () => {
    const art = await makeClip(room.fileIn('art.jpg'), {
      codec: ['mjpeg', '-pix_fmt', 'yuvj420p'],
      extra: ['-frames:v', '1'],
    })
    const clip = await makeClip(room.fileIn('clip.mp4'), { size: '64x48', seconds: 1 })
    const path = room.fileIn('art.mp4')
    await ffmpeg(
      '-i',
      art,
      '-i',
      clip,
      '-map',
      '0',
      '-map',
      '1',
      '-c',
      'copy',
      '-disposition:v:0',
      'attached_pic',
      path,
    )
    expect(await room.findings(path)).toMatchObject({ videoCodec: 'h264', width: 64, durationMs: 1_000 })
  })

  test('a film that is only pictures is refused for its format', async () => {
    const path = await makeClip(room.fileIn('mjpeg.mov'), { codec: ['mjpeg', '-pix_fmt', 'yuvj420p'] })
    expect(await room.refusalOf(path)).toBe('The picture is in a format that is not supported')
  })
})

describe('the codec alone does not make a picture playable', () => {
  const x264 = (...options: string[]) => ['libx264', '-preset', 'ultrafast', ...options]

  test.each([
    ['baseline', x264('-profile:v', 'baseline', '-pix_fmt', 'yuv420p')],
    ['main', ['libx264', '-profile:v', 'main', '-pix_fmt', 'yuv420p']],
    ['high', ['libx264', '-profile:v', 'high', '-pix_fmt', 'yuv420p']],
    ['high, full range', x264('-pix_fmt', 'yuvj420p')],
  ])('H.264 plays everywhere as %s', async (_what, codec) => {
    const path = await makeClip(room.fileIn('profile.mp4'), { size: '64x48', seconds: 0.4, codec })
    expect(await room.findings(path)).toMatchObject({ videoCodec: 'h264', playsEverywhere: true })
  })

  test.each([
    ['High 4:2:2', x264('-pix_fmt', 'yuv422p')],
    ['High 10', x264('-pix_fmt', 'yuv420p10le')],
    ['High 4:4:4 Predictive', x264('-pix_fmt', 'yuv444p')],
    // Without loss, though its pixels are as everywhere.
    ['High 4:4:4 Predictive', x264('-pix_fmt', 'yuv420p', '-qp', '0')],
  ])('H.264 is accepted as %s, and needs renditions', async (_profile, codec) => {
    const path = await makeClip(room.fileIn('profile.mp4'), { size: '64x48', seconds: 0.4, codec })
    expect(await room.findings(path)).toMatchObject({ videoCodec: 'h264', playsEverywhere: false })
  })

  test.each([
    ['h264.mkv', {}],
    ['mpeg4.mkv', { codec: ['mpeg4'] }],
    ['prores.mov', { codec: ['prores_ks'] }],
  ])('what no browser plays is accepted, and needs renditions: %s', async (name, clip) => {
    const path = await makeClip(room.fileIn(name), { size: '64x48', seconds: 0.4, ...clip })
    expect(await room.findings(path)).toMatchObject({ playsEverywhere: false })
  })

  test('Matroska with VP9 is as good as WebM', async () => {
    const path = await makeClip(room.fileIn('vp9.mkv'), { size: '64x48', codec: VP9 })
    expect(await room.findings(path)).toMatchObject({ container: 'webm', videoCodec: 'vp9' })
  })

  test('sound that browsers do not play is no reason to refuse a film', async () => {
    const path = await makeClip(room.fileIn('ac3.mp4'), { size: '64x48', audio: 'ac3' })
    expect(await room.findings(path)).toMatchObject({ hasAudio: true })
  })
})
