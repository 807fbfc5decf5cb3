import { Readable } from 'node:stream'
import type { Sandbox } from '@fanone/sandbox'
import type { Storage } from '@fanone/storage'
import type { Size } from '../media/shown-size.ts'
import { inputArguments } from '../media/upload-file.ts'

const MAX_TILES = 100
const COLUMNS = 10
/** The longer side of one picture. */
const TILE_SIDE = 160
/** Renditions have a key frame every so often: pictures that far apart need no others decoded. */
const KEY_FRAME_SECONDS = 4
const SPRITE = 'sprite.jpg'

/** How the pictures along a video are laid out in one. */
export interface Layout {
  /** Time from one picture to the next. */
  everySeconds: number
  count: number
  columns: number
  rows: number
  tile: Size
}

/** At least a second apart, a hundred at most. */
export function layoutFor({ durationMs, width, height }: Size & { durationMs: number }): Layout {
  const seconds = durationMs / 1000
  const least = Math.max(1, Math.ceil(seconds / MAX_TILES))
  const everySeconds = least < KEY_FRAME_SECONDS ? least : KEY_FRAME_SECONDS * Math.ceil(least / KEY_FRAME_SECONDS)
  // What is left at the end has to be worth a picture.
  const count = Math.max(1, Math.ceil(seconds / everySeconds - 0.1))
  const scale = TILE_SIDE / Math.max(width, height)
  const toEven = (side: number) => Math.max(2, 2 * Math.round((side * scale) / 2))
  const columns = Math.min(count, COLUMNS)
  return {
    ...{ everySeconds, count, columns, rows: Math.ceil(count / columns) },
    tile: { width: toEven(width), height: toEven(height) },
  }
}

/** WebVTT that says which part of the picture belongs to which time. */
export function thumbnails(layout: Layout, durationMs: number): string {
  const { everySeconds, count, columns, tile } = layout
  const cues = Array.from({ length: count }, (_, index) => {
    const start = index * everySeconds * 1000
    const end = index === count - 1 ? Math.max(start + 1, durationMs) : start + everySeconds * 1000
    const [x, y] = [(index % columns) * tile.width, Math.floor(index / columns) * tile.height]
    return `${toClock(start)} --> ${toClock(end)}\n${SPRITE}#xywh=${x},${y},${tile.width},${tile.height}\n`
  })
  return ['WEBVTT\n', ...cues].join('\n')
}

const toClock = (ms: number) => new Date(ms).toISOString().slice(11, 23)

/**
 * Makes the pictures for a seek bar from the smallest rendition, which is ours and cheap to decode.
 *
 * @param options.path of the rendition
 * @returns the file name of the WebVTT within the folder
 */
export async function makeStoryboard(options: {
  video: Size & { durationMs: number }
  path: string
  folder: string
  sandbox: Sandbox
  storage: Storage
  signal: AbortSignal
}): Promise<string> {
  const { video, path, folder, sandbox, storage, signal } = options
  const layout = layoutFor(video)
  const { everySeconds, tile } = layout
  const { stdout } = await sandbox.run({
    program: 'ffmpeg',
    args: [
      ...['-v', 'error', '-nostdin', '-threads', '1', '-filter_threads', '1'],
      ...(everySeconds % KEY_FRAME_SECONDS === 0 ? ['-skip_frame', 'nokey'] : []),
      ...inputArguments(path, 'mp4'),
      ...['-map', '0:v:0', '-frames:v', '1', '-vf'],
      // Each picture is the last one that was there at its time.
      `fps=1/${everySeconds}:round=up:start_time=0,scale=${tile.width}:${tile.height},setsar=1,` +
        `format=yuvj420p,tile=${layout.columns}x${layout.rows}`,
      ...['-q:v', '5', '-threads', '1', '-f', 'mjpeg', 'pipe:1'],
    ],
    cpuSeconds: 60 + Math.ceil(video.durationMs / 20_000),
    timeoutMs: 15 * 60_000,
    maxOutputBytes: 8 * 1024 ** 2,
    niceness: 10,
    signal,
  })
  await storage.put(`${folder}/${SPRITE}`, Readable.from([stdout]), { signal })
  await storage.put(`${folder}/thumbnails.vtt`, Readable.from([Buffer.from(thumbnails(layout, video.durationMs))]))
  return 'thumbnails.vtt'
}
