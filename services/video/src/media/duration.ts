import { INCOMPLETE, NotAVideoError } from './not-a-video-error.ts'
import type { ProbeOutput, Stream } from './streams.ts'
import { inputArguments, refuseOnFailure, type UploadFile } from './upload-file.ts'

const MAX_DURATION_MS = 4 * 60 * 60 * 1000
/** How much of the end is read to see that it exists; a key frame before it is found quickly. */
const LAST_PART_MS = 10_000
/** A beginning of the clock that is not worth reading the file for. */
const SMALL_MS = 500

/**
 * Playing time in milliseconds, from the first picture or sound to the last: a recording's clock
 * may begin at any time. A stated duration counts only if the index or the last packet confirms it.
 *
 * @throws NotAVideoError when the end is missing, or the duration is none or too long
 */
export async function readDuration(upload: UploadFile, video: Stream, probed: ProbeOutput): Promise<number> {
  const sounds = probed.streams.filter((stream) => stream.codec_type === 'audio')
  const indexedMs = indexedSpans([video, ...sounds])
  const [certainMs] = indexedMs
  const isCertain = !upload.container.isOpenEnded && indexedMs.length === 1
  const claimedMs = indexedMs.length > 0 ? indexedMs : statedSpans(probed)
  const durationMs = isCertain && certainMs ? certainMs : await confirmDuration(upload, video, claimedMs)
  if (!(durationMs > 0)) throw new NotAVideoError('The file has no duration')
  if (durationMs > MAX_DURATION_MS) throw new NotAVideoError('The video is longer than 4 hours')
  return durationMs
}

const toMs = (seconds: string | undefined) => Math.round(Number(seconds ?? 0) * 1000)

/**
 * Durations from first to last frame by the index, shortest first; none without an index. For
 * fragmented movies ffprobe gives the end of a track instead of its length, which differs if the
 * clock begins late.
 */
function indexedSpans(streams: Stream[]): number[] {
  const tracks = streams
    .map((stream) => ({ startMs: toMs(stream.start_time), durationMs: toMs(stream.duration) }))
    .filter(({ durationMs }) => durationMs > 0)
  if (tracks.length === 0) return []
  const startMs = Math.min(...tracks.map((track) => track.startMs))
  const played = Math.max(...tracks.map((track) => track.startMs + track.durationMs)) - startMs
  const ended = Math.max(...tracks.map((track) => track.durationMs)) - startMs
  return ended > 0 && played - ended > SMALL_MS ? [ended, played] : [played]
}

/**
 * Possible meanings of a stated duration, shortest first: some programs write the playing time,
 * others the end of the clock.
 */
function statedSpans({ format }: ProbeOutput): number[] {
  const statedMs = toMs(format.duration)
  return [statedMs - Math.max(0, toMs(format.start_time)), statedMs].filter((span) => span > 0)
}

/** Reads the last part of a file, and takes the claimed duration that agrees with it. */
async function confirmDuration(upload: UploadFile, video: Stream, claimedMs: number[]): Promise<number> {
  const [shortestMs = 0] = claimedMs
  const fromMs = upload.container.isOpenEnded ? 0 : Math.max(0, shortestMs - LAST_PART_MS)
  const playableMs = await measureDuration(upload, { video, fromMs })
  if (playableMs < shortestMs - Math.max(1_000, shortestMs / 20)) throw new NotAVideoError(INCOMPLETE)
  const [nearestMs] = claimedMs.toSorted((a, b) => Math.abs(a - playableMs) - Math.abs(b - playableMs))
  return nearestMs ?? playableMs
}

/**
 * End of the last packet, counted from the first; reads all packets from a time on without
 * decoding. Recordings by browsers state no duration, and their structure does not show a missing
 * end.
 */
async function measureDuration(upload: UploadFile, part: { video: Stream; fromMs: number }): Promise<number> {
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
  if (stderr.includes('File ended prematurely')) throw new NotAVideoError(INCOMPLETE)
  // Counted from where reading was to begin; below zero where the file ends before that.
  const lastUs = stdout.toString().match(/.*^out_time_us=(-?\d+)$/ms)?.[1]
  return lastUs === undefined ? 0 : part.fromMs + Math.round(Number(lastUs) / 1000)
}
