import { z } from 'zod'
import { type Container, readContainer } from './container.ts'
import { NotAVideoError } from './not-a-video-error.ts'
import { type Sandbox, SandboxError, type SandboxOutput } from './sandbox.ts'

/** What is known about a file that can be played. */
export interface VideoProbe {
  /** Also the extension it is served under, which decides its content type. */
  container: 'mp4' | 'webm'
  durationMs: number
  /** As shown, that is after the rotation that phones write instead of turning the picture. */
  width: number
  height: number
  hasAudio: boolean
  videoCodec: string
  /** Which stream of the file is the picture. */
  videoStreamIndex: number
}

const MAX_STREAMS = 32
const MAX_SIDE = 8192
const MAX_DURATION_MS = 4 * 60 * 60 * 1000
/** How much of the end is read to see whether it is there; a key frame before it is found with little reading. */
const LAST_PART_MS = 10_000
/** What browsers play without our making renditions. HEVC only where the device has a decoder for it. */
const PLAYABLE_CODECS = { mp4: ['h264', 'hevc', 'av1', 'vp9'], webm: ['vp8', 'vp9', 'av1'] }
const DEMUXER = { mp4: 'mov', webm: 'matroska' }

const Stream = z.object({
  index: z.int(),
  codec_type: z.string().default('unknown'),
  codec_name: z.string().default('unknown'),
  /** Only where the index of the file lists the frames, as in MP4. */
  duration: z.string().optional(),
  width: z.int().default(0),
  height: z.int().default(0),
  disposition: z.object({ attached_pic: z.int() }).partial().default({}),
  side_data_list: z.array(z.object({ rotation: z.number().optional() })).default([]),
})
type Stream = z.infer<typeof Stream>

const ProbeOutput = z.object({
  streams: z.array(Stream).default([]),
  format: z.object({ duration: z.string().optional() }),
})

/**
 * Checks that an uploaded file is a complete video that browsers can play, and tells what it is. Trusts neither its name nor its
 * content: the demuxer is chosen by us, it may open nothing but this file, and it runs confined.
 *
 * @param path absolute path of the upload
 * @throws NotAVideoError with a reason for the uploader
 */
export async function probeVideo(path: string, sandbox: Sandbox): Promise<VideoProbe> {
  const upload = { path, container: await readContainer(path), sandbox }
  const { container } = upload
  const { streams, format } = await readStreams(upload)
  if (streams.length > MAX_STREAMS) throw new NotAVideoError('The file has too many streams')
  const video = streams.find((stream) => stream.codec_type === 'video' && !stream.disposition.attached_pic)
  if (!video) throw new NotAVideoError('The file has no picture')
  if (!PLAYABLE_CODECS[container.family].includes(video.codec_name)) {
    throw new NotAVideoError('The picture is in a format that browsers do not play')
  }
  const indexedMs = Math.max(...streams.map((stream) => toMs(stream.duration)))
  return {
    container: container.family,
    durationMs: await checkDuration(upload, { video, indexedMs, statedMs: toMs(format.duration) }),
    ...shownSize(video),
    hasAudio: streams.some((stream) => stream.codec_type === 'audio'),
    videoCodec: video.codec_name,
    videoStreamIndex: video.index,
  }
}

/**
 * The arguments that open an upload, for ffprobe and ffmpeg alike: without a forced demuxer ffmpeg takes a playlist named
 * .mp4 for a playlist and opens what it names.
 */
export function inputArguments(path: string, container: 'mp4' | 'webm'): string[] {
  return [
    ...['-protocol_whitelist', 'file', '-max_streams', String(MAX_STREAMS), '-f', DEMUXER[container]],
    ...(container === 'mp4' ? ['-enable_drefs', '0'] : []),
    ...['-i', `file:${path}`],
  ]
}

/**
 * Waits for a confined tool: what it refuses, crashes on or cannot do with the CPU it may use is not a video. Running out of time is
 * passed on, because on a busy machine that happens to good files too.
 */
export async function refuseOnFailure(run: Promise<SandboxOutput>): Promise<SandboxOutput> {
  try {
    return await run
  } catch (error) {
    if (!(error instanceof SandboxError) || error.limit === 'time') throw error
    const reason = error.limit ? 'The file takes too much work to decode' : 'The file is damaged or not a video'
    throw new NotAVideoError(reason, { cause: error })
  }
}

/** A file that is being examined. */
interface Upload {
  path: string
  container: Container
  sandbox: Sandbox
}

async function readStreams(upload: Upload): Promise<z.infer<typeof ProbeOutput>> {
  const { path, container, sandbox } = upload
  const entries =
    'stream=index,codec_type,codec_name,width,height,duration:stream_disposition=attached_pic:stream_side_data=rotation:format=duration'
  const run = sandbox.run({
    program: 'ffprobe',
    args: ['-v', 'error', '-of', 'json', '-show_entries', entries, ...inputArguments(path, container.family)],
    cpuSeconds: 5,
    timeoutMs: 30_000,
    maxOutputBytes: 256 * 1024,
  })
  return ProbeOutput.parse(JSON.parse((await refuseOnFailure(run)).stdout.toString()))
}

function shownSize(video: Stream): { width: number; height: number } {
  const isSane = [video.width, video.height].every((side) => side >= 1 && side <= MAX_SIDE)
  if (!isSane) throw new NotAVideoError(`The picture must be at most ${MAX_SIDE} pixels wide and high`)
  const rotation = video.side_data_list.find((data) => data.rotation !== undefined)?.rotation ?? 0
  const isOnItsSide = Math.abs(rotation) % 180 === 90
  return isOnItsSide ? { width: video.height, height: video.width } : { width: video.width, height: video.height }
}

const toMs = (seconds: string | undefined) => Math.round(Number(seconds ?? 0) * 1000)

/** What a file states of its duration is believed only where its index or its last packet says so too. */
async function checkDuration(
  upload: Upload,
  known: { video: Stream; indexedMs: number; statedMs: number },
): Promise<number> {
  const { isOpenEnded } = upload.container
  let durationMs = known.indexedMs || known.statedMs
  if (isOpenEnded || known.indexedMs === 0) {
    const fromMs = isOpenEnded ? 0 : Math.max(0, durationMs - LAST_PART_MS)
    const playableMs = await measureDuration(upload, { video: known.video, fromMs })
    if (playableMs < durationMs - Math.max(1_000, durationMs / 20)) throw new NotAVideoError('The file is incomplete')
    if (!(durationMs > 0)) durationMs = playableMs
  }
  if (!(durationMs > 0)) throw new NotAVideoError('The file has no duration')
  if (durationMs > MAX_DURATION_MS) throw new NotAVideoError('The video is longer than 4 hours')
  return durationMs
}

/**
 * When the last packet of a file ends, in milliseconds; reads every packet from the given time on without decoding any. Recordings
 * made by a browser state no duration, and their structure does not tell whether the end is missing.
 */
async function measureDuration(upload: Upload, part: { video: Stream; fromMs: number }): Promise<number> {
  const run = upload.sandbox.run({
    program: 'ffmpeg',
    args: [
      ...['-v', 'error', '-nostdin', '-ss', (part.fromMs / 1000).toFixed(3)],
      ...inputArguments(upload.path, upload.container.family),
      ...['-map', `0:${part.video.index}`, '-map', '0:a?', '-c', 'copy', '-f', 'null', '-progress', 'pipe:1', '-'],
    ],
    cpuSeconds: 10,
    timeoutMs: 40_000,
    maxOutputBytes: 1024 * 1024,
  })
  const { stdout, stderr } = await refuseOnFailure(run)
  if (stderr.includes('File ended prematurely')) throw new NotAVideoError('The file is incomplete')
  // Counted from where reading was to begin; below zero where the file ends before that.
  const lastUs = stdout.toString().match(/.*^out_time_us=(-?\d+)$/ms)?.[1]
  return lastUs === undefined ? 0 : part.fromMs + Math.round(Number(lastUs) / 1000)
}
