import type { FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { Sandbox } from '@fanone/sandbox'
import type { Storage } from '@fanone/storage'
import { renditionRun, type Source, TIMESCALE } from './encoder.ts'
import {
  avcCodec,
  type Box,
  BoxReader,
  type Fragment,
  pictureDuration,
  segmentIndex,
  withDuration,
} from './fragments.ts'
import { ladderFor, type Rung } from './ladder.ts'
import { masterPlaylist, mediaPlaylist, type RenditionFile } from './playlists.ts'
import { withScratchFile } from './scratch-file.ts'

/** A segment of four seconds has a few MiB; one of a picture that stands still may be long. */
const MAX_BOX_BYTES = 64 * 1024 ** 2
const MASTER = 'master.m3u8'

export interface MakeOptions {
  source: Source
  /** Storage folder of what is made: `media/<uploadId>/renditions-<lease>`. */
  folder: string
  signal: AbortSignal
  /** Called with the percent that are done. */
  report: (percent: number) => void
}

/** What was made; file names within the folder. */
export interface Renditions {
  playlist: string
  /** The best one as a single file. */
  bestFile: string
}

/** Makes the renditions of a video: for each one file in fragments, and playlists over them. */
export class RenditionMaker {
  readonly #storage: Storage
  readonly #sandbox: Sandbox
  readonly #scratchFolder: string

  constructor(options: { storage: Storage; sandbox: Sandbox; scratchFolder: string }) {
    this.#storage = options.storage
    this.#sandbox = options.sandbox
    this.#scratchFolder = options.scratchFolder
  }

  /** @throws SandboxError where the source cannot be converted, or the error of the storage */
  async make(options: MakeOptions): Promise<Renditions> {
    const { source, folder, signal } = options
    const rungs = ladderFor(source.probe)
    const progress = progressOver(rungs, source.probe.durationMs / 1000, options.report)
    const renditions: RenditionFile[] = []
    for (const rung of rungs) {
      signal.throwIfAborted()
      renditions.push(await this.#makeOne(rung, options, (seconds) => progress(rung, seconds)))
    }
    for (const rendition of renditions) await this.#write(`${folder}/${rendition.playlist}`, mediaPlaylist(rendition))
    // Last, since it is what says that the others are there.
    await this.#write(`${folder}/${MASTER}`, masterPlaylist(renditions))
    return { playlist: MASTER, bestFile: renditions.at(-1)?.file ?? '' }
  }

  #makeOne(rung: Rung, options: MakeOptions, progress: (seconds: number) => void): Promise<RenditionFile> {
    const { source, folder, signal } = options
    return withScratchFile(this.#scratchFolder, async (scratch) => {
      const movie = new MovieWriter(scratch, progress)
      const receive = (chunk: Buffer) => movie.take(chunk)
      await this.#sandbox.run({ ...renditionRun(source, rung), receive, signal })
      const { head, initBytes, fragments, codec } = movie.finish()
      const file = `${rung.name}.mp4`
      await this.#storage.put(`${folder}/${file}`, movieBytes(head, scratch), { signal })
      return {
        ...{ file, playlist: `${rung.name}.m3u8`, width: rung.width, height: rung.height },
        codecs: source.probe.hasAudio ? `${codec},mp4a.40.2` : codec,
        frameRate: source.probe.frameRate && Math.min(source.probe.frameRate, 60),
        initBytes,
        segments: placed(fragments, head.length),
      }
    })
  }

  async #write(key: string, text: string): Promise<void> {
    await this.#storage.put(key, Readable.from([Buffer.from(text)]))
  }
}

/** Takes apart what the encoder writes, and keeps its fragments one behind the other. */
class MovieWriter {
  readonly #file: FileHandle
  readonly #progress: (seconds: number) => void
  readonly #reader = new BoxReader({ maxBoxBytes: MAX_BOX_BYTES })
  readonly #fragments: Fragment[] = []
  readonly #header = new Map<string, Box>()
  #open: Box | undefined
  #seconds = 0

  constructor(file: FileHandle, progress: (seconds: number) => void) {
    this.#file = file
    this.#progress = progress
  }

  async take(chunk: Buffer): Promise<void> {
    for (const box of this.#reader.read(chunk)) await this.#takeBox(box)
  }

  async #takeBox(box: Box): Promise<void> {
    if (box.type === 'ftyp' || box.type === 'moov') this.#header.set(box.type, box)
    else if (box.type === 'moof') this.#open = box
    else if (box.type === 'mdat' && this.#open) {
      const duration = pictureDuration(this.#open)
      for (const { bytes } of [this.#open, box]) await writeAll(this.#file, bytes)
      this.#fragments.push({ bytes: this.#open.bytes.length + box.bytes.length, duration })
      this.#open = undefined
      this.#seconds += duration / TIMESCALE
      this.#progress(this.#seconds)
    }
  }

  /** What comes before the fragments in the finished file: how it is decoded, and where what is. */
  finish(): { head: Buffer; initBytes: number; fragments: Fragment[]; codec: string } {
    const [ftyp, moov] = [this.#header.get('ftyp'), this.#header.get('moov')]
    if (!ftyp || !moov || this.#fragments.length === 0 || !this.#reader.isComplete) {
      throw new Error('the encoder wrote no whole movie')
    }
    const init = Buffer.concat([ftyp.bytes, withDuration(moov, Math.round(this.#seconds * 1000))])
    const fragments = this.#fragments
    const head = Buffer.concat([init, segmentIndex(fragments, TIMESCALE)])
    return { head, initBytes: init.length, fragments, codec: avcCodec(moov.bytes) }
  }
}

async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten
}

async function* movieBytes(head: Buffer, scratch: FileHandle): AsyncGenerator<Uint8Array> {
  yield head
  yield* scratch.createReadStream({ start: 0, autoClose: false, highWaterMark: 1024 ** 2 })
}

function placed(fragments: Fragment[], start: number) {
  let offset = start
  return fragments.map(({ bytes, duration }) => {
    const segment = { offset, bytes, seconds: duration / TIMESCALE }
    offset += bytes
    return segment
  })
}

/** Percent over all renditions: each costs about what its pixels do, and decoding besides. */
function progressOver(rungs: Rung[], seconds: number, report: (percent: number) => void) {
  const costs = new Map(rungs.map((rung) => [rung, rung.width * rung.height + 400_000]))
  const total = [...costs.values()].reduce((sum, cost) => sum + cost, 0)
  return (rung: Rung, done: number) => {
    const before = rungs.slice(0, rungs.indexOf(rung)).reduce((sum, one) => sum + (costs.get(one) ?? 0), 0)
    const share = Math.min(1, done / seconds)
    report(Math.min(99, Math.floor((100 * (before + share * (costs.get(rung) ?? 0))) / total)))
  }
}
