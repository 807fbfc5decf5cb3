import { expect, test } from 'vitest'
import { findVideo } from './playable.ts'
import type { Stream } from './streams.ts'

const track = (facts: Partial<Stream>) =>
  ({ codec_type: 'video', disposition: {}, profile: 'High', ...facts }) as Stream

test('of several tracks the first one that browsers play is the video', () => {
  const [cover, picture, old, film] = [
    track({ codec_name: 'h264', disposition: { attached_pic: 1 } }),
    track({ codec_name: 'mjpeg' }),
    track({ codec_name: 'mpeg4' }),
    track({ codec_name: 'h264', pix_fmt: 'yuv420p' }),
  ]
  const sound = track({ codec_type: 'audio', codec_name: 'aac' })
  expect(findVideo([sound, cover, picture, old, film, track({ codec_name: 'hevc' })], 'mp4')).toBe(film)
})

test.each([
  ['webm', [{ codec_name: 'h264' }], 'H.264 video is accepted in MP4 and MOV files only'],
  ['webm', [{ codec_name: 'hevc' }], 'HEVC video is accepted in MP4 and MOV files only'],
  ['mp4', [{ codec_name: 'vp8' }], 'VP8 video is accepted in WebM files only'],
  ['mp4', [{ codec_name: 'prores' }], 'The picture is in a format that browsers do not play'],
  ['mp4', [{ codec_name: 'mjpeg' }, { codec_name: 'vp8' }], 'VP8 video is accepted in WebM files only'],
  ['mp4', [{ codec_name: 'mjpeg' }], 'The picture is in a format that browsers do not play'],
  ['mp4', [{ codec_name: 'h264', pix_fmt: 'gray' }], 'H.264 with pixels in the format gray is not accepted'],
  ['mp4', [{ codec_name: 'h264', profile: 'CAVLC 4:4:4' }], 'H.264 in the profile CAVLC 4:4:4 is not accepted'],
  ['mp4', [{ codec_type: 'audio', codec_name: 'aac' }], 'The file has no picture'],
  ['mp4', [], 'The file has no picture'],
] as const)('in %s %j is refused', (family, tracks, reason) => {
  expect(() => findVideo(tracks.map(track), family)).toThrow(reason)
})
