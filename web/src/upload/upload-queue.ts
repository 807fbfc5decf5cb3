import type { V1Video } from '@fanone/contracts/gateway'
import { problemOf } from '../api/problem.ts'
import { type KeptUpload, KeptUploads, keyOf } from './kept-uploads.ts'
import { RateMeter } from './rate-meter.ts'
import { endTransfer, startTransfer } from './transfer.ts'

/**
 * `missing`: begun before the page was loaded, its file is not at hand. `stored`: all of it has
 * arrived and can be published.
 */
export type UploadState = 'missing' | 'waiting' | 'sending' | 'paused' | 'stored' | 'publishing' | 'published'

/** An upload as it is shown. */
export interface UploadItem extends KeptUpload {
  state: UploadState
  file?: File | undefined
  /** Handed to the network, some of which may be on its way. */
  sentBytes: number
  /** Whether a request failed and is made again. */
  isTroubled: boolean
  bytesPerSecond: number | undefined
  /** Instead of the cover that is drawn of the video. */
  cover?: Cover | undefined
  /** Why it did not go on. */
  error?: unknown
  /** What it became. */
  video?: V1Video | undefined
  /** Why the video has the cover that was drawn of it, though another one was chosen. */
  coverError?: unknown
}

/** A picture that somebody chose: a frame, by its seconds, or one of their own. */
export interface Cover {
  from: number | 'picture'
  picture: Blob
}

/** What of the API a queue needs. */
export interface Publisher {
  publish: (upload: { uploadId: string; title: string; description: string }) => Promise<V1Video>
  setCover: (videoId: number, cover: Blob) => Promise<V1Video>
}

/** What people say about a video. */
export type Words = Pick<KeptUpload, 'title' | 'description'>

const LOCK = 'fanone.upload.'
const LOCK_WAIT_MS = 1_000

/**
 * The uploads of one user in this tab: one is sent after the other, also while other pages are
 * looked at. What is not published is kept for after a reload.
 */
export class UploadQueue {
  readonly #kept: KeptUploads
  readonly #publisher: Publisher
  readonly #listeners = new Set<() => void>()
  readonly #meter = new RateMeter()
  #items: readonly UploadItem[]
  #running: Run | undefined

  constructor({ userId, publisher }: { userId: number; publisher: Publisher }) {
    this.#kept = new KeptUploads(userId)
    this.#publisher = publisher
    this.#items = this.#kept
      .all()
      .map((kept) => ({ ...kept, ...idle, sentBytes: kept.arrivedBytes, state: kept.isStored ? 'stored' : 'missing' }))
  }

  items = (): readonly UploadItem[] => this.#items

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Takes files; one that was begun before goes on. */
  add(files: readonly File[]): void {
    for (const file of files) {
      const known = this.#find(keyOf(file))
      if (known?.state === 'missing') this.#change(known.key, { file, state: 'waiting', error: undefined })
      else if (known === undefined || known.state === 'published') this.#begin(file)
    }
    this.#next()
  }

  describe(key: string, words: Partial<Words>): void {
    this.#change(key, words)
    this.#keep(key)
  }

  chooseCover(key: string, cover: Cover | undefined): void {
    this.#change(key, { cover })
    if (this.#find(key)?.state === 'published') void this.setCover(key)
  }

  pause(key: string): void {
    this.#change(key, { state: 'paused', isTroubled: false })
    this.#stop(key)
    this.#next()
  }

  goOn(key: string): void {
    this.#change(key, { state: 'waiting', error: undefined })
    this.#next()
  }

  /** Publishes an upload, or has it published as soon as all of it has arrived. */
  publish(key: string): void {
    this.#change(key, { isWanted: true })
    this.#keep(key)
    if (this.#find(key)?.state === 'stored') void this.#publish(key)
  }

  /** Does not publish it yet. */
  hold(key: string): void {
    this.#change(key, { isWanted: false })
    this.#keep(key)
  }

  /** Ends an upload that is not published, or takes one that is off the list. */
  remove(key: string): void {
    const item = this.#find(key)
    this.#stop(key)
    this.#kept.forget(key)
    this.#set(this.#items.filter((one) => one.key !== key))
    if (item?.url !== undefined && item.state !== 'published') void endTransfer(item.url)
    this.#next()
  }

  /** Tries a chosen cover again that was refused. */
  async setCover(key: string): Promise<void> {
    const { cover, video } = this.#find(key) ?? {}
    if (!cover || !video) return
    this.#change(key, { coverError: undefined })
    try {
      this.#change(key, { video: await this.#publisher.setCover(video.id, cover.picture) })
    } catch (coverError) {
      this.#change(key, { coverError })
    }
  }

  get isBusy(): boolean {
    return this.#items.some(({ state }) => state === 'sending' || state === 'waiting' || state === 'publishing')
  }

  /** For another user, or nobody, uses the site from now on. */
  close(): void {
    this.#running?.stop()
    this.#listeners.clear()
  }

  #begin(file: File): void {
    const key = keyOf(file)
    const title = file.name.replace(/\.\w{2,5}$/, '').slice(0, 100)
    const item: UploadItem = {
      ...{ key, name: file.name, sizeBytes: file.size, ...nothing, isStored: false, isWanted: false },
      ...{ title, description: '', ...idle, file, state: 'waiting' },
    }
    this.#set([...this.#items.filter((one) => one.key !== key), item])
    this.#keep(key)
  }

  /** Sends what waits longest, unless something is being sent. */
  #next(): void {
    const item = this.#items.find(({ state }) => state === 'waiting')
    if (this.#running || !item?.file) return
    const { promise: stopped, resolve: stop } = Promise.withResolvers<void>()
    const run: Run = { key: item.key, file: item.file, url: item.url, stop }
    this.#running = run
    this.#meter.reset()
    this.#change(item.key, { state: 'sending' })
    // Two tabs that send the same file would take turns in ending each other.
    const free = { signal: AbortSignal.timeout(LOCK_WAIT_MS) }
    const sent = navigator.locks.request(LOCK + item.key, free, async () => {
      const end = this.#send(run)
      await stopped
      end()
    })
    sent.catch((error: unknown) => this.#fail(run, isTimeout(error) ? new OtherTab() : error))
  }

  #send(run: Run): () => void {
    const { key, file, url, stop } = run
    // What a transfer says after it was stopped is about nothing any more.
    const hear = (patch: Partial<UploadItem>) => this.#running === run && this.#change(key, patch)
    return startTransfer({
      file,
      url,
      onUrl: (known) => {
        hear({ url: new URL(known, location.origin).pathname })
        this.#keep(key)
      },
      onProgress: (sentBytes) => {
        this.#meter.add(performance.now(), sentBytes)
        hear({ sentBytes, isTroubled: false, bytesPerSecond: this.#meter.bytesPerSecond })
      },
      onArrived: (sentBytes) => {
        hear({ sentBytes, arrivedBytes: sentBytes })
        this.#keep(key)
      },
      onTrouble: () => hear({ isTroubled: true, bytesPerSecond: undefined }),
      onStored: () => {
        stop()
        this.#stored(key)
      },
      onFailed: (error) => {
        stop()
        this.#fail(run, error)
      },
    })
  }

  #stored(key: string): void {
    this.#running = undefined
    const { sizeBytes = 0 } = this.#find(key) ?? {}
    const all = { sentBytes: sizeBytes, arrivedBytes: sizeBytes, isStored: true }
    this.#change(key, { ...all, state: 'stored', isTroubled: false })
    this.#keep(key)
    if (this.#find(key)?.isWanted) void this.#publish(key)
    this.#next()
  }

  #fail(run: Run, error: unknown): void {
    if (this.#running !== run) return
    this.#running = undefined
    const begun = run.url !== undefined
    if (begun && isGone(error)) this.#change(run.key, { ...anew, state: 'waiting' })
    else this.#change(run.key, { state: 'paused', error, isTroubled: false })
    this.#keep(run.key)
    this.#next()
  }

  async #publish(key: string): Promise<void> {
    const { url = '', title, description } = this.#find(key) ?? {}
    if (title === undefined || description === undefined) return
    this.#change(key, { state: 'publishing', error: undefined })
    try {
      const uploadId = url.split('/').at(-1) ?? ''
      const video = await this.#publisher.publish({ uploadId, title: title.trim(), description })
      this.#kept.forget(key)
      this.#change(key, { state: 'published', video })
      await this.setCover(key)
    } catch (error) {
      this.#notPublished(key, error)
    }
  }

  #notPublished(key: string, error: unknown): void {
    const { file } = this.#find(key) ?? {}
    if (!isGone(error)) this.#change(key, { state: 'stored', isWanted: false, error })
    else this.#change(key, { ...anew, ...(file ? { state: 'waiting' } : { state: 'missing', error }) })
    this.#keep(key)
    this.#next()
  }

  #stop(key: string): void {
    if (this.#running?.key !== key) return
    this.#running.stop()
    this.#running = undefined
  }

  #find = (key: string) => this.#items.find((item) => item.key === key)

  #change(key: string, patch: Partial<UploadItem>): void {
    this.#set(this.#items.map((item) => (item.key === key ? { ...item, ...patch } : item)))
  }

  #set(items: readonly UploadItem[]): void {
    this.#items = items
    for (const listener of this.#listeners) listener()
  }

  #keep(key: string): void {
    const item = this.#find(key)
    if (!item) return
    const { name, sizeBytes, url, arrivedBytes, isStored, isWanted, title, description } = item
    this.#kept.keep({ key, name, sizeBytes, url, arrivedBytes, isStored, isWanted, title, description })
  }
}

/** The same file is being sent by another tab of this browser. */
export class OtherTab extends Error {}

/** A file on its way. */
interface Run {
  key: string
  file: File
  url: string | undefined
  stop: () => void
}

const nothing = { sentBytes: 0, arrivedBytes: 0 }
const idle = { isTroubled: false, bytesPerSecond: undefined }

/** Begun so long ago that the server has forgotten it: it is sent from its beginning. */
const anew = { ...idle, ...nothing, url: undefined, isStored: false }
const isGone = (error: unknown) => ['upload_not_found', 'upload_expired'].includes(problemOf(error)?.code ?? '')

const isTimeout = (error: unknown) => error instanceof DOMException && error.name === 'TimeoutError'
