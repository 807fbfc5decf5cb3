import type { Sandbox } from '@fanone/sandbox'
import { readContainer } from './container.ts'
import { readDuration } from './duration.ts'
import { MAX_STREAMS } from './mp4-tracks.ts'
import { ENCRYPTED, NotAVideoError, TOO_MANY_STREAMS } from './not-a-video-error.ts'
import { findVideo } from './playable.ts'
import { shownSize } from './shown-size.ts'
import { readStreams } from './streams.ts'

/** What is known about a file that can be played. */
export interface VideoProbe {
  /** Also the extension it is served under, which decides its content type. */
  container: 'mp4' | 'webm'
  /** From the first picture or sound to the last. */
  durationMs: number
  /** As shown: with the shape of the pixels and the rotation that the file states. */
  width: number
  height: number
  hasAudio: boolean
  videoCodec: string
  /** Which stream of the file is the picture. */
  videoStreamIndex: number
}

/**
 * Checks that an upload is a complete video that browsers can play, and describes it. Trusts
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
  const video = findVideo(streams, upload.container.family)
  return {
    container: upload.container.family,
    durationMs: await readDuration(upload, video, probed),
    ...shownSize(video),
    hasAudio: streams.some((stream) => stream.codec_type === 'audio'),
    videoCodec: video.codec_name,
    videoStreamIndex: video.index,
  }
}
