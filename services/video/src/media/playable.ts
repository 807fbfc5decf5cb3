import { NotAVideoError } from './not-a-video-error.ts'
import type { Stream } from './streams.ts'

/** Codecs that some browsers play. */
const PLAYABLE_CODECS = ['h264', 'hevc', 'av1', 'vp9', 'vp8']
/** What cameras and older programs write besides; no browser plays it. */
const CONVERTIBLE_CODECS = ['mpeg4', 'mpeg2video', 'prores']
/** H.264 in 8 bits and 4:2:0: more is for studios, and most devices do not play it. */
const STUDIO_PROFILE = /^(High (10|4:)|CAVLC )/
const PLAYABLE_PIXELS = ['yuv420p', 'yuvj420p']
const PLAYABLE_SOUND = ['aac', 'mp3']

/**
 * The track that is the video: the first one that a browser may play, else the first one that can
 * be converted.
 *
 * @throws NotAVideoError where there is none
 */
export function findVideo(streams: Stream[]): Stream {
  const pictures = streams.filter(isPicture)
  const firstOf = (codecs: string[]) => pictures.find(({ codec_name }) => codecs.includes(codec_name))
  const video = firstOf(PLAYABLE_CODECS) ?? firstOf(CONVERTIBLE_CODECS)
  if (video) return video
  throw new NotAVideoError(
    pictures.length > 0 ? 'The picture is in a format that is not supported' : 'The file has no picture',
  )
}

const isPicture = ({ codec_type, disposition }: Stream) =>
  codec_type === 'video' && !disposition.attached_pic && !disposition.timed_thumbnails

/** Whether every browser plays a file as it is. */
export function playsEverywhere(file: { video: Stream; audio: Stream | undefined; family: 'mp4' | 'webm' }): boolean {
  const { video, audio, family } = file
  const isPlainH264 =
    video.codec_name === 'h264' && !STUDIO_PROFILE.test(video.profile) && PLAYABLE_PIXELS.includes(video.pix_fmt ?? '')
  return family === 'mp4' && isPlainH264 && (!audio || PLAYABLE_SOUND.includes(audio.codec_name))
}
