import type { SandboxRun } from '@fanone/sandbox'
import type { VideoProbe } from '../media/probe.ts'
import { toneMapping } from '../media/tone-mapping.ts'
import { inputArguments } from '../media/upload-file.ts'
import type { Rung } from './ladder.ts'

/** Every segment begins with a key frame, at the same time in all renditions. */
const SEGMENT_SECONDS = 4
/** Ticks of the picture's clock; divides all common frame rates. */
export const TIMESCALE = 90_000
const MAX_FRAME_RATE = 60
const MAX_DATA_BYTES = 1024 ** 3
/** People go first: beside one busy process of theirs it gets a tenth of a core. */
const NICENESS = 10
const FULL_HD = 1920 * 1080

/** A file to be converted. */
export interface Source {
  path: string
  probe: VideoProbe
}

/**
 * How ffmpeg makes one rendition: H.264 and AAC in fragments, written to its output, since it can
 * write no file. One thread, so that an instance never takes more than a core for it.
 */
export function renditionRun({ path, probe }: Source, rung: Rung): Omit<SandboxRun, 'receive' | 'signal'> {
  const seconds = probe.durationMs / 1000
  const bytesASecond = (rung.maxVideoBitrate + rung.audioBitrate) / 8
  return {
    program: 'ffmpeg',
    args: [
      ...['-v', 'error', '-nostdin', '-threads', '1', '-filter_threads', '1'],
      ...inputArguments(path, probe.container),
      ...['-map', `0:${probe.videoStreamIndex}`, '-vf', pictureFilters(probe, rung).join(',')],
      ...pictureCodec(rung),
      ...(probe.audioStreamIndex === undefined ? ['-an'] : sound(probe.audioStreamIndex, rung)),
      // Names, places and chapters are nobody's business.
      ...['-map_metadata', '-1', '-map_chapters', '-1', '-sn', '-dn', '-threads', '1'],
      // Not written before the first packets are known, so that lists of edits can be right.
      ...['-movflags', 'frag_keyframe+default_base_moof+delay_moov', '-f', 'mp4', 'pipe:1'],
    ],
    cpuSeconds: cpuSeconds(probe),
    timeoutMs: cpuSeconds(probe) * 8_000,
    maxOutputBytes: Math.ceil(seconds * bytesASecond * 2) + 8 * 1024 ** 2,
    maxDataBytes: MAX_DATA_BYTES,
    niceness: NICENESS,
  }
}

/** Decoding costs by the size of the source, encoding at most what 1080p does. */
function cpuSeconds({ width, height, durationMs }: VideoProbe): number {
  return Math.ceil(60 + (durationMs / 1000) * (20 + (20 * width * height) / FULL_HD))
}

function pictureFilters(probe: VideoProbe, { width, height }: Rung): string[] {
  const { isInterlaced, frameRate = 0, highDynamicRange } = probe
  return [
    ...(isInterlaced ? ['bwdif=mode=send_frame:deint=interlaced'] : []),
    ...(frameRate > MAX_FRAME_RATE + 1 ? [`fps=${MAX_FRAME_RATE}`] : []),
    `scale=${width}:${height}:out_range=tv`,
    'setsar=1',
    ...(highDynamicRange ? toneMapping(highDynamicRange, { matrix: 'bt709', range: 'tv' }) : []),
    'format=yuv420p',
    // The first frame stands from the beginning on, however late the picture begins.
    "setpts='if(eq(N,0),0,PTS)'",
  ]
}

function pictureCodec({ maxVideoBitrate }: Rung): string[] {
  const period = (time: string) => `floor((${time}+0.001)/${SEGMENT_SECONDS})`
  return [
    // Each picture at its own time, to a tick, and shown when it is decoded: whatever the rate
    // does, segments are as long as they say.
    ...['-fps_mode', 'vfr', '-enc_time_base', `1:${TIMESCALE}`, '-bf', '0'],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', 'high', '-crf', '23'],
    ...['-maxrate', String(maxVideoBitrate), '-bufsize', String(2 * maxVideoBitrate)],
    // Key frames at the borders of segments and nowhere else, whatever the picture shows.
    ...['-g', '100000', '-sc_threshold', '0', '-forced-idr', '1', '-force_key_frames'],
    `expr:if(isnan(prev_forced_t),1,gt(${period('t')},${period('prev_forced_t')}))`,
    ...['-video_track_timescale', String(TIMESCALE)],
  ]
}

/** Stereo, silent where it begins late or has gaps, so that it stays in step. */
function sound(streamIndex: number, { audioBitrate }: Rung): string[] {
  return [
    ...['-map', `0:${streamIndex}`, '-af', 'aresample=48000:async=1:first_pts=0'],
    ...['-c:a', 'aac', '-ac', '2', '-b:a', String(audioBitrate)],
  ]
}
