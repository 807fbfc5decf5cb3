import { expect, test } from 'vitest'
import { findVideo, playsEverywhere } from './playable.ts'
import type { Stream } from './streams.ts'

const track = (facts: Partial<Stream>) =>
  ({ codec_type: 'video', disposition: {}, profile: 'High', pix_fmt: 'yuv420p', ...facts }) as Stream
const sound = (codec_name: string) => track({ codec_type: 'audio', codec_name })

test('of several tracks the first one that browsers play is the video', () => {
  const [cover, picture, old, film] = [
    track({ codec_name: 'h264', disposition: { attached_pic: 1 } }),
    track({ codec_name: 'mjpeg' }),
    track({ codec_name: 'mpeg4' }),
    track({ codec_name: 'h264' }),
  ]
  expect(findVideo([sound('aac'), cover, picture, old, film, track({ codec_name: 'hevc' })])).toBe(film)
  expect(findVideo([cover, picture, old])).toBe(old)
})

test.each([
  [[{ codec_name: 'mjpeg' }], 'The picture is in a format that is not supported'],
  [[{ codec_type: 'audio', codec_name: 'aac' }], 'The file has no picture'],
  [[], 'The file has no picture'],
] as const)('%j is refused', (tracks, reason) => {
  expect(() => findVideo(tracks.map(track))).toThrow(reason)
})

test.each<[string, Partial<Stream>, Stream | undefined, 'mp4' | 'webm', boolean]>([
  ['H.264 with AAC in MP4', { codec_name: 'h264' }, sound('aac'), 'mp4', true],
  ['silent H.264 of full range', { codec_name: 'h264', pix_fmt: 'yuvj420p' }, undefined, 'mp4', true],
  ['H.264 in Matroska', { codec_name: 'h264' }, sound('aac'), 'webm', false],
  ['H.264 with AC-3', { codec_name: 'h264' }, sound('ac3'), 'mp4', false],
  ['H.264 of 10 bits', { codec_name: 'h264', profile: 'High 10', pix_fmt: 'yuv420p10le' }, undefined, 'mp4', false],
  ['lossless H.264', { codec_name: 'h264', profile: 'High 4:4:4 Predictive' }, undefined, 'mp4', false],
  ['grey H.264', { codec_name: 'h264', pix_fmt: 'gray' }, undefined, 'mp4', false],
  ['HEVC', { codec_name: 'hevc' }, sound('aac'), 'mp4', false],
  ['VP9 in WebM', { codec_name: 'vp9' }, sound('opus'), 'webm', false],
])('%s plays everywhere: %#', (_what, facts, audio, family, expected) => {
  expect(playsEverywhere({ video: track(facts), audio, family })).toBe(expected)
})
