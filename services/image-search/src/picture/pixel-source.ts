import { createHash } from 'node:crypto'
import { NotAPictureError, type PixelReader } from '@fanone/pictures'
import { ObjectNotFoundError, publicKey, type Storage } from '@fanone/storage'
import type { FrameReader } from './frame-reader.ts'
import type { WaitingPicture } from './picture.repository.ts'

/** What is to be embedded of a picture. */
export interface Pixels {
  /** SHA-256 of the pixels, in hex. */
  hash: string
  /** RGB, line by line. */
  pixels: Buffer
}

/** Reads the pixels of published pictures and of frames of videos. */
export class PixelSource {
  readonly #storage: Storage
  readonly #pictures: Pick<PixelReader, 'readAll'>
  readonly #frames: Pick<FrameReader, 'read'>

  constructor(options: {
    storage: Storage
    pictures: Pick<PixelReader, 'readAll'>
    frames: Pick<FrameReader, 'read'>
  }) {
    this.#storage = options.storage
    this.#pictures = options.pictures
    this.#frames = options.frames
  }

  /** @returns the pixels of each picture by its id; those that cannot be read are missing */
  async read(pictures: readonly WaitingPicture[], side: number): Promise<Map<number, Pixels>> {
    const isFrame = ({ kind }: WaitingPicture) => kind === 'frame'
    const read = await this.#readPictures(
      pictures.filter((one) => !isFrame(one)),
      side,
    )
    for (const frame of pictures.filter(isFrame)) read.set(frame.id, await this.#readFrame(frame, side))
    return new Map(
      [...read].flatMap(([id, pixels]) => (pixels ? [[id, { hash: hashOf(pixels), pixels }] as const] : [])),
    )
  }

  async #readPictures(pictures: readonly WaitingPicture[], side: number): Promise<Map<number, Buffer | undefined>> {
    const read = new Map<number, Buffer | undefined>()
    const withPaths = async (rest: readonly WaitingPicture[], found: Located[]): Promise<void> => {
      const [first, ...others] = rest
      if (!first) {
        for (const [id, pixels] of await this.#decode(found, side)) read.set(id, pixels)
        return
      }
      await this.#withFile(first.fileKey, (path) =>
        withPaths(others, path === undefined ? found : [...found, { id: first.id, path }]),
      )
    }
    await withPaths(pictures, [])
    return read
  }

  /** All in one process; where one of them ends it, each in its own. */
  async #decode(found: readonly Located[], side: number): Promise<Map<number, Buffer | undefined>> {
    if (found.length === 0) return new Map()
    const paths = found.map(({ path }) => path)
    const all = await this.#pictures.readAll(paths, side).catch(async (error) => {
      if (!(error instanceof NotAPictureError)) throw error
      if (paths.length === 1) return [undefined]
      const alone: (Buffer | undefined)[] = []
      for (const one of found) alone.push((await this.#decode([one], side)).get(one.id))
      return alone
    })
    return new Map(found.map(({ id }, index) => [id, all[index]]))
  }

  #readFrame({ fileKey: key, timeMs }: WaitingPicture, side: number): Promise<Buffer | undefined> {
    return this.#withFile(key, async (path) =>
      path === undefined ? undefined : this.#frames.read({ path, key, timeMs, side }),
    )
  }

  /** Lends a file; undefined where it is not there. */
  async #withFile<Result>(mediaKey: string, use: (path: string | undefined) => Promise<Result>): Promise<Result> {
    const key = publicKey(mediaKey)
    if ((await this.#storage.stat(key)) === null) return use(undefined)
    return this.#storage.withLocalFile(key, use).catch((error) => {
      if (error instanceof ObjectNotFoundError) return use(undefined)
      throw error
    })
  }
}

interface Located {
  id: number
  path: string
}

const hashOf = (pixels: Buffer) => createHash('sha256').update(pixels).digest('hex')
