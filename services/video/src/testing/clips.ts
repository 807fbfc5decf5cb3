import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'

/** Runs ffmpeg as it is, to make clips for tests. */
export async function ffmpeg(...args: string[]): Promise<void> {
  await promisify(execFile)('ffmpeg', ['-v', 'error', '-y', ...args])
}

export interface Clip {
  size?: string
  seconds?: number
  codec?: string[]
  audio?: string
  /** Further arguments before the file's name. */
  extra?: string[]
}

/** Codec arguments that favour speed. */
export const H264 = ['libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p']
export const VP9 = ['libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8']

/** Makes a small moving picture, silent unless an audio codec is given. */
export async function makeClip(path: string, clip: Clip = {}): Promise<string> {
  const { size = '320x240', seconds = 2, codec = H264, audio, extra = [] } = clip
  const picture = ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=25:duration=${seconds}`]
  const sound = audio ? ['-f', 'lavfi', '-i', `sine=duration=${seconds}`, '-c:a', audio] : []
  await ffmpeg(...picture, ...sound.slice(0, 4), '-c:v', ...codec, ...sound.slice(4), ...extra, path)
  return path
}

/** Writes the first bytes of one file to another: a transfer that was cut. */
export async function cut(from: string, to: string, keep: (bytes: number) => number): Promise<string> {
  const bytes = await readFile(from)
  await writeFile(to, bytes.subarray(0, keep(bytes.length)))
  return to
}

/** An ISO base media box. */
export function box(type: string, ...content: Buffer[]): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt32BE(8 + content.reduce((sum, part) => sum + part.length, 0))
  header.write(type, 4, 'latin1')
  return Buffer.concat([header, ...content])
}

/**
 * Replaces the content of every box of the given type, wherever it is nested, and corrects the
 * sizes around it. Only right for movies whose index comes last, where no offset into the media
 * changes.
 *
 * @param change the new content, or what makes it of the old one
 */
export function replaceBoxes(bytes: Buffer, type: string, change: Buffer | ((content: Buffer) => Buffer)): Buffer {
  return mapBoxes(bytes, (name, content) => {
    if (name === type) return box(name, typeof change === 'function' ? change(content) : change)
    return NESTED_BOXES.includes(name) ? box(name, replaceBoxes(content, type, change)) : box(name, content)
  })
}

/** Repeats every box of the given type, wherever it is nested. */
export function repeatBoxes(bytes: Buffer, type: string, times: number): Buffer {
  return mapBoxes(bytes, (name, content) => {
    if (name === type) return Buffer.concat(new Array<Buffer>(times).fill(box(name, content)))
    return NESTED_BOXES.includes(name) ? box(name, repeatBoxes(content, type, times)) : box(name, content)
  })
}

const NESTED_BOXES = ['moov', 'trak', 'mdia', 'minf', 'dinf', 'stbl']

function mapBoxes(bytes: Buffer, map: (name: string, content: Buffer) => Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const size = bytes.readUInt32BE(at)
    parts.push(map(bytes.toString('latin1', at + 4, at + 8), bytes.subarray(at + 8, at + size)))
    at += size
  }
  return Buffer.concat(parts)
}

/**
 * A QuickTime data reference to a file beside the movie: an alias record with a relative path
 * (QuickTime File Format, `dref`).
 */
export function externalReference(fileName: string): Buffer {
  const alias = Buffer.alloc(150)
  alias.writeUInt16BE(1, 130)
  alias.writeUInt16BE(1, 132)
  const path = Buffer.from(fileName.length % 2 ? `${fileName}\0` : fileName)
  const record = Buffer.alloc(4)
  record.writeUInt16BE(2)
  record.writeUInt16BE(path.length, 2)
  const end = Buffer.from([0xff, 0xff, 0, 0])
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 1])
  return Buffer.concat([header, box('alis', Buffer.alloc(4), alias, record, path, end)])
}
