import type { Sandbox } from '@fanone/sandbox'
import { readContainer } from './container.ts'
import { readDuration } from './duration.ts'
import { MAX_STREAMS } from './mp4-tracks.ts'
import { ENCRYPTED, NotAVideoError, TOO_MANY_STREAMS } from './not-a-video-error.ts'
import { findVideo, playsEverywhere } from './playable.ts'
import { shownSize } from './shown-size.ts'
import { readStreams } from './streams.ts'

/** What is known about a file that can be played, as it is or once it is converted. */
export interface VideoProbe {
  /** Also the extension it is served under, which decides its content type. */
  container: 'mp4' | 'webm'
  /** From the first picture or sound to the last. */
  durationMs: number
  /** As shown: with the shape of the pixels and the rotation that the file states. */
  width: number
  height: number
  /** Which stream of the file is the sound; undefined for silent ones. */
  audioStreamIndex: number | undefined
  hasAudio: boolean
  videoCodec: string
  /** Which stream of the file is the picture. */
  videoStreamIndex: number
  /** Frames a second on average, if known. */
  frameRate: number | undefined
  /** Of brighter light than screens without HDR show. */
  highDynamicRange: HighDynamicRange | undefined
  isInterlaced: boolean
  /** Whether every browser plays picture and sound as they are. */
  playsEverywhere: boolean
  /** Whether players must read to its end before they begin. */
  isIndexLast: boolean
}

/** The curves of HDR as ffmpeg names them: PQ and HLG (ITU-R BT.2100). */
export type HighDynamicRange = (typeof HDR_CURVES)[number]
const HDR_CURVES = ['smpte2084', 'arib-std-b67'] as const

/**
 * Checks that an upload is a complete video that can be converted, and describes it. Trusts
 * neither name nor content: we choose the demuxer, it may open only this file, and it runs in the
 * sandbox.
 *
 * @param path absolute path of the upload
 * @throws NotAVideoError with a reason for the uploader
 */
export async function probeVideo(path: string, sandbox: Sandbox): Promise<VideoProbe> {
  const upload = { path, container: await readContainer(path), sandbox }
  const probed = await readStreams(upload)
  const { streams } = probed
  if (streams.length > MAX_STREAMS) throw new NotAVideoError(TOO_MANY_STREAMS)
  if (streams.some((stream) => stream.tags.enc_key_id !== undefined)) throw new NotAVideoError(ENCRYPTED)
  const video = findVideo(streams)
  const audio = streams.find((stream) => stream.codec_type === 'audio')
  return {
    container: upload.container.family,
    durationMs: await readDuration(upload, video, probed),
    ...shownSize(video),
    audioStreamIndex: audio?.index,
    hasAudio: audio !== undefined,
    videoCodec: video.codec_name,
    videoStreamIndex: video.index,
    frameRate: rateOf(video.avg_frame_rate),
    highDynamicRange: HDR_CURVES.find((curve) => curve === video.color_transfer),
    isInterlaced: ['tt', 'bb', 'tb', 'bt'].includes(video.field_order ?? ''),
    playsEverywhere: playsEverywhere({ video, audio, family: upload.container.family }),
    isIndexLast: upload.container.isIndexLast,
  }
}

function rateOf(ratio: string): number | undefined {
  const [frames = 0, seconds = 0] = ratio.split('/').map(Number)
  return frames > 0 && seconds > 0 ? frames / seconds : undefined
}
