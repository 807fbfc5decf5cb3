import { NotAVideoError } from './not-a-video-error.ts'
import { inputArguments, refuseOnFailure, type VideoProbe } from './probe.ts'
import type { Sandbox } from './sandbox.ts'

const MAX_COVER_SIDE = 1280
const MAX_COVER_BYTES = 8 * 1024 * 1024

export interface CoverOptions {
  video: VideoProbe
  sandbox: Sandbox
}

/**
 * Makes a JPEG cover from a frame near the beginning: at 1 s or a tenth of the video, whichever is earlier, because the very first
 * frame is often black. The longer side is at most 1280 pixels. This is also the proof that the picture can be decoded.
 *
 * @throws NotAVideoError when no frame can be decoded
 */
export async function makeCover(path: string, options: CoverOptions): Promise<Buffer> {
  const { video } = options
  const seconds = Math.min(1, video.durationMs / 10_000)
  // A video of one frame has nothing after its beginning.
  const cover = (await decodeFrame(path, seconds, options)) ?? (await decodeFrame(path, 0, options))
  if (!cover) throw new NotAVideoError('The picture cannot be decoded')
  return cover
}

async function decodeFrame(path: string, seconds: number, options: CoverOptions): Promise<Buffer | undefined> {
  const { video, sandbox } = options
  const { width, height } = coverSize(video)
  const run = sandbox.run({
    program: 'ffmpeg',
    args: [
      ...['-v', 'error', '-nostdin', '-threads', '1', '-filter_threads', '1'],
      ...['-ss', seconds.toFixed(3), ...inputArguments(path, video.container)],
      ...['-map', `0:${video.videoStreamIndex}`, '-frames:v', '1', '-vf', `scale=${width}:${height},setsar=1`],
      ...['-pix_fmt', 'yuvj420p', '-q:v', '3', '-threads', '1', '-f', 'mjpeg', 'pipe:1'],
    ],
    cpuSeconds: 7,
    timeoutMs: 30_000,
    maxOutputBytes: MAX_COVER_BYTES,
  })
  const { stdout } = await refuseOnFailure(run)
  return stdout.length > 0 ? stdout : undefined
}

/** The size of a cover: the video's shape, never enlarged, with even sides as JPEG's halved colours need them. */
export function coverSize(video: { width: number; height: number }): { width: number; height: number } {
  const scale = Math.min(1, MAX_COVER_SIDE / Math.max(video.width, video.height))
  const toEven = (side: number) => Math.max(2, 2 * Math.round((side * scale) / 2))
  return { width: toEven(video.width), height: toEven(video.height) }
}
