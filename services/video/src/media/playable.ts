import { NotAVideoError } from './not-a-video-error.ts'
import type { Stream } from './streams.ts'

type Family = 'mp4' | 'webm'

/** Codecs and containers that browsers play. HEVC plays only on devices with a decoder for it. */
const PLAYABLE_CODECS = new Map<string, { name: string; families: Family[] }>([
  ['h264', { name: 'H.264', families: ['mp4'] }],
  ['hevc', { name: 'HEVC', families: ['mp4'] }],
  ['av1', { name: 'AV1', families: ['mp4', 'webm'] }],
  ['vp9', { name: 'VP9', families: ['mp4', 'webm'] }],
  ['vp8', { name: 'VP8', families: ['webm'] }],
])
const FILES = { mp4: 'MP4 and MOV', webm: 'WebM' }
/** Images, which stand in a file as its cover or as chapter pictures. */
const STILL_CODECS = ['mjpeg', 'png', 'bmp', 'gif', 'tiff', 'webp']
/**
 * H.264 for studios (over 8 bits, finer colour, lossless): some browsers play it, most devices do
 * not.
 */
const STUDIO_PROFILE = /^(High (10|4:)|CAVLC )/
const H264_PIXELS = ['yuv420p', 'yuvj420p']

/**
 * The track that is the video: the first one that browsers play.
 *
 * @throws NotAVideoError with what is wrong with the first track that is more than a still image
 */
export function findVideo(streams: Stream[], family: Family): Stream {
  const pictures = streams.filter(isPicture)
  const playable = pictures.find((stream) => !whyNotPlayable(stream, family))
  if (playable) return playable
  const nearest = pictures.find((stream) => !STILL_CODECS.includes(stream.codec_name)) ?? pictures[0]
  throw new NotAVideoError((nearest && whyNotPlayable(nearest, family)) ?? 'The file has no picture')
}

const isPicture = ({ codec_type, disposition }: Stream) =>
  codec_type === 'video' && !disposition.attached_pic && !disposition.timed_thumbnails

function whyNotPlayable(stream: Stream, family: Family): string | undefined {
  const codec = PLAYABLE_CODECS.get(stream.codec_name)
  if (!codec) return 'The picture is in a format that browsers do not play'
  if (!codec.families.includes(family)) {
    const files = codec.families.map((name) => FILES[name]).join(' and ')
    return `${codec.name} video is accepted in ${files} files only`
  }
  return stream.codec_name === 'h264' ? whyNotPlayableH264(stream) : undefined
}

function whyNotPlayableH264({ profile, pix_fmt }: Stream): string | undefined {
  const refused = (what: string) => `H.264 ${what} is not accepted, because many browsers do not play it`
  if (STUDIO_PROFILE.test(profile)) return refused(`in the profile ${profile}`)
  // Whether a picture of which ffprobe knows nothing can be decoded shows when its cover is made.
  return pix_fmt && !H264_PIXELS.includes(pix_fmt) ? refused(`with pixels in the format ${pix_fmt}`) : undefined
}
