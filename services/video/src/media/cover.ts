import { type Sandbox, SandboxError } from '@fanone/sandbox'
import { NotAVideoError } from './not-a-video-error.ts'
import type { VideoProbe } from './probe.ts'
import type { Size } from './shown-size.ts'
import { toneMapping } from './tone-mapping.ts'
import { inputArguments, refuseOnFailure } from './upload-file.ts'

const MAX_COVER_SIDE = 1280
const MAX_COVER_BYTES = 8 * 1024 * 1024
/** Brightness differs by at least this much (of 255) within a picture that shows something. */
const TELLING_CONTRAST = 40
/** Where else to look when the frame near the beginning shows nothing: shares of the duration. */
const OTHER_PLACES = [0.5, 0.25, 0.75]
/** At least some pixels of a frame that is not black are brighter than this (of 255). */
const BLACK = 64

/** The first frame must be had, so it may cost more CPU than one that is only better. */
const FIRST = { cpuSeconds: 7, timeoutMs: 30_000 }
const FURTHER = { cpuSeconds: 2, timeoutMs: 10_000 }

export interface CoverOptions {
  video: VideoProbe
  sandbox: Sandbox
}

/** A frame as JPEG, and how much there is to see on it. */
interface Frame {
  jpeg: Buffer
  contrast: number
}

/** Where to look for a frame, and what that may cost. */
interface Search {
  seconds: number
  cpuSeconds: number
  timeoutMs: number
  /** Take the first key frame that is not black, instead of the frame at that time. */
  skipBlack?: boolean
}

/**
 * Makes a JPEG cover, at most 1280 pixels on its longer side, from a frame near the beginning (at 1
 * s or a tenth of the video, whichever is earlier, because the first frame is often black). If that
 * shows nothing, the most telling of a few others. This also proves that the picture can be
 * decoded.
 *
 * @throws NotAVideoError when no frame can be decoded
 */
export async function makeCover(path: string, options: CoverOptions): Promise<Buffer> {
  const durationSeconds = options.video.durationMs / 1000
  const seconds = Math.min(1, durationSeconds / 10)
  const decode = (search: Search) => decodeFrame(path, search, options)
  const early = await decode({ seconds, ...FIRST })
  // A video of one frame has nothing after its beginning.
  const first = early ?? (await decode({ seconds: 0, ...FURTHER }))
  if (!first) throw new NotAVideoError('The picture cannot be decoded')
  const others: Search[] = OTHER_PLACES.map((share) => ({ seconds: share * durationSeconds, ...FURTHER }))
  if (early) others.push({ seconds: 0, ...FURTHER, skipBlack: true })
  return (await mostTelling(first, others, decode)).jpeg
}

/**
 * Tries other places until a frame shows something, or one cannot be had: the next would cost as
 * much.
 */
async function mostTelling(
  first: Frame,
  others: Search[],
  decode: (search: Search) => Promise<Frame | undefined>,
): Promise<Frame> {
  let best = first
  try {
    for (const search of others) {
      if (best.contrast >= TELLING_CONTRAST) break
      const other = await decode(search)
      if (other && other.contrast > best.contrast) best = other
    }
  } catch (error) {
    if (!(error instanceof NotAVideoError || error instanceof SandboxError)) throw error
  }
  return best
}

/** @returns undefined where there is no such frame */
async function decodeFrame(path: string, search: Search, options: CoverOptions): Promise<Frame | undefined> {
  const { video, sandbox } = options
  const { cpuSeconds, timeoutMs, skipBlack } = search
  const { width, height } = coverSize(video)
  const curve = video.highDynamicRange
  const filters = [
    `scale=${width}:${height},setsar=1`,
    ...(curve ? toneMapping(curve, { matrix: 'bt470bg', range: 'pc' }) : []),
    'format=yuvj420p,signalstats',
    ...(skipBlack ? [`metadata=select:key=lavfi.signalstats.YMAX:function=greater:value=${BLACK}`] : []),
    String.raw`metadata=print:file=pipe\\:2`,
  ]
  const run = sandbox.run({
    program: 'ffmpeg',
    args: [
      ...['-v', 'error', '-nostdin', '-threads', '1', '-filter_threads', '1'],
      ...(skipBlack ? ['-skip_frame', 'nokey'] : []),
      ...['-ss', search.seconds.toFixed(3), ...inputArguments(path, video.container)],
      ...['-map', `0:${video.videoStreamIndex}`, '-frames:v', '1', '-vf', filters.join(',')],
      ...['-q:v', '3', '-threads', '1', '-f', 'mjpeg', 'pipe:1'],
    ],
    cpuSeconds,
    timeoutMs,
    maxOutputBytes: MAX_COVER_BYTES,
  })
  const { stdout, stderr } = await refuseOnFailure(run)
  return stdout.length > 0 ? { jpeg: stdout, contrast: contrastIn(stderr) } : undefined
}

/**
 * Spread of a frame's brightness: half from most pixels, half from extremes, so that titles on
 * black count.
 */
function contrastIn(statistics: string): number {
  const read = (name: string) => Number(statistics.match(new RegExp(`\\.${name}=(\\d+)`))?.[1] ?? 0)
  return (read('YHIGH') - read('YLOW') + read('YMAX') - read('YMIN')) / 2
}

/**
 * The size of a cover: the video's shape, never enlarged, with even sides as JPEG's halved colours
 * need them.
 */
export function coverSize(video: Size): Size {
  const scale = Math.min(1, MAX_COVER_SIDE / Math.max(video.width, video.height))
  const toEven = (side: number) => Math.max(2, 2 * Math.round((side * scale) / 2))
  return { width: toEven(video.width), height: toEven(video.height) }
}
