import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { type PictureKindName, pictureKinds } from '@fanone/contracts'
import { type Logger, RunningCalls, ServiceError } from '@fanone/service-kit'
import { publicKey, type Storage, StorageFullError, uploadKey } from '@fanone/storage'
import { checkHeader, HEADER_BYTES } from './header.ts'
import { NotAPictureError } from './not-a-picture-error.ts'
import { onceDone } from './once-done.ts'
import type { PictureMaker } from './picture-maker.ts'
import { picturesMade } from './pictures.metrics.ts'

/** What becomes a picture, and where it goes. */
export interface PictureOrder {
  uploadId: string
  kind: PictureKindName
  /** The folder among the public media that has all pictures of the owner, such as `users/7`. */
  folder: string
}

/** What shows a picture, such as a profile: its row names the key of one, or of none. */
export interface PicturePlace<Owner> {
  /**
   * What it shows now, and the folder of its pictures.
   *
   * @throws ServiceError where it is not there, or not the caller's
   */
  find(): Promise<{ owner: Owner; key: string | null | undefined; folder: string }>
  /**
   * Has it show another picture, or none, in one transaction; showing it already, it does nothing.
   *
   * @param check called within the transaction before anything changes
   * @returns the key of the picture that it showed before and does no more
   */
  change(key: string | null, check: () => Promise<void>): Promise<{ owner: Owner; replaced: string | null }>
}

/**
 * Pictures in storage: `<folder>/<upload id>/<width>.webp`, each in all widths of its kind. They
 * never change, so their owner names another one instead.
 */
export class Pictures {
  readonly #storage: Storage
  readonly #maker: Pick<PictureMaker, 'make'>
  readonly #log: Logger
  readonly #running = new RunningCalls<unknown>()

  constructor(options: { storage: Storage; maker: Pick<PictureMaker, 'make'>; log: Logger }) {
    this.#storage = options.storage
    this.#maker = options.maker
    this.#log = options.log
  }

  /**
   * Makes an upload the picture of a place. Files are in place before it is named, and go after
   * another one is. A repeat finds it done, or has the answer of the call that goes on.
   *
   * @throws ServiceError those of `make` and of the place
   */
  set<Owner>(place: PicturePlace<Owner>, upload: Pick<PictureOrder, 'kind' | 'uploadId'>): Promise<Owner> {
    const findDone = async () => {
      const { owner, key } = await place.find()
      return isPictureOf(key, upload.uploadId) ? owner : undefined
    }
    return onceDone(findDone, async () => {
      const order = { ...upload, folder: (await place.find()).folder }
      const setting = this.#running.run(`${order.folder} ${order.kind} ${order.uploadId}`, () =>
        this.#set(place, order),
      )
      return (await setting) as Owner
    })
  }

  /** Has a place show no picture that was sent. @throws ServiceError that of the place */
  unset<Owner>(place: PicturePlace<Owner>): Promise<Owner> {
    return this.#change(place, null, async () => {})
  }

  /**
   * Makes a picture of an upload, which stays. Making it again gives the same files.
   *
   * @returns its media key
   * @throws ServiceError `upload_not_found`, `not_a_picture`, `storage_full`, `unavailable`
   */
  async make(order: PictureOrder): Promise<string> {
    const count = (outcome: 'made' | 'refused' | 'failed') => picturesMade.inc({ kind: order.kind, outcome })
    try {
      await this.#make(order)
      count('made')
      return keyOf(order)
    } catch (error) {
      // A repeat of the call that has just removed the upload decodes nothing.
      const isGone = error instanceof NotAPictureError && !(await this.#storage.stat(uploadKey(order.uploadId)))
      if (isGone) throw new ServiceError('upload_not_found')
      count(error instanceof NotAPictureError ? 'refused' : 'failed')
      throw toServiceError(error)
    }
  }

  /** Whether a picture is there in all widths, and the upload it was made of. */
  async isWhole(order: PictureOrder): Promise<boolean> {
    const keys = [uploadKey(order.uploadId), ...filesOf(order).map(publicKey)]
    const found = await Promise.all(keys.map((key) => this.#storage.stat(key)))
    return found.every((object) => object !== null)
  }

  /** Removes a picture, if there is one; never rejects, because a janitor removes what stays. */
  async remove(key: string | null | undefined): Promise<void> {
    if (key) await this.#storage.deleteUnder(publicKey(folderOf(key))).catch(this.#leave)
  }

  async #set<Owner>(place: PicturePlace<Owner>, order: PictureOrder): Promise<Owner> {
    const key = await this.make(order)
    const owner = await this.#change(place, key, async () => {
      // A late repeat has lost its upload; the janitor may have taken its files as abandoned.
      if (!(await this.isWhole(order))) throw new ServiceError('upload_not_found')
    })
    await this.#storage.delete(uploadKey(order.uploadId)).catch(this.#leave)
    return owner
  }

  async #change<Owner>(place: PicturePlace<Owner>, key: string | null, check: () => Promise<void>): Promise<Owner> {
    const { owner, replaced } = await place.change(key, check)
    await this.remove(replaced)
    return owner
  }

  #leave = (error: unknown): void => {
    this.#log.warn({ err: error }, 'files of a picture are left to the janitor')
  }

  async #make(order: PictureOrder): Promise<void> {
    const key = uploadKey(order.uploadId)
    const kind = pictureKinds[order.kind]
    const upload = await this.#storage.stat(key)
    if (!upload) throw new ServiceError('upload_not_found')
    if (upload.sizeBytes > kind.maxBytes) throw new NotAPictureError(`more than ${kind.maxBytes} bytes`)
    checkHeader(await buffer(await this.#storage.read(key, { firstByte: 0, lastByte: HEADER_BYTES - 1 })))
    const made = await this.#storage.withLocalFile(key, (path) => this.#maker.make(path, kind))
    for (const [index, file] of filesOf(order).entries()) {
      await this.#storage.put(publicKey(file), Readable.from([made[index] as Buffer]))
    }
  }
}

const fileOf = ({ folder, uploadId }: PictureOrder, width: number) => `${folder}/${uploadId}/${width}.webp`
const keyOf = (order: PictureOrder) => fileOf(order, pictureKinds[order.kind].shownWidth)
const filesOf = (order: PictureOrder) => pictureKinds[order.kind].widths.map((width) => fileOf(order, width))
const folderOf = (key: string) => key.slice(0, key.lastIndexOf('/'))

/** The upload that a picture was made of. */
export function pictureIdOf(key: string): string {
  return key.split('/').at(-2) ?? ''
}

/** Whether a picture was made of this upload. */
export function isPictureOf(key: string | null | undefined, uploadId: string): boolean {
  return typeof key === 'string' && pictureIdOf(key) === uploadId
}

/** What a caller is told of an error of `PictureMaker` or `PixelReader`. */
export function toServiceError(error: unknown): unknown {
  if (error instanceof NotAPictureError)
    return new ServiceError('not_a_picture', { detail: error.reason, cause: error })
  if (error instanceof StorageFullError) return new ServiceError('storage_full', { cause: error })
  return error
}
