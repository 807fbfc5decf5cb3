import type { ImageKind } from '@fanone/contracts'
import { type Database, hasCode, type Logger, RepeatingWorker, type Worker } from '@fanone/service-kit'
import type { Collection, CollectionRepository } from '../collection/collection.repository.ts'
import type { Embedder } from '../model/embedder.ts'
import type { PictureRepository, WaitingPicture } from '../picture/picture.repository.ts'
import type { PixelSource, Pixels } from '../picture/pixel-source.ts'
import { picturesIndexed } from './index.metrics.ts'
import type { StoredVector, VectorIndex } from './vector-index.ts'

/** Pictures that are read by one process. Small, so that removals need not wait for long. */
const BATCH = 16
const REMOVED_AT_A_TIME = 500
const PAUSE_MS = 2_000
/** What is published meanwhile shares a process that decodes it. */
const LEAST_PAUSE_MS = 1_000
/** Milvus may have been started again, even with nothing of what it had. */
const LOOK_AGAIN_MS = 5_000
/** Searches that began with a collection have ended by then. */
const RETIREMENT_SECONDS = 60

export interface IndexerOptions {
  database: Pick<Database, 'withLock'>
  pictures: PictureRepository
  collections: CollectionRepository
  index: VectorIndex
  source: PixelSource
  embedder: Embedder
  kinds: readonly ImageKind[]
  log: Logger
}

/**
 * Makes what is in Milvus follow from what is in MySQL, one instance at a time. Whatever it was at
 * when it was killed is still to be done in MySQL, and doing it again changes nothing.
 */
export class Indexer {
  readonly #options: IndexerOptions
  readonly #worker: RepeatingWorker
  /** When collections were last seen in Milvus, by their numbers. */
  readonly #seenAt = new Map<number, number>()
  #hasMore = false

  constructor(options: IndexerOptions) {
    this.#options = options
    this.#worker = new RepeatingWorker({
      name: 'indexer',
      work: (signal) => this.#work(signal),
      pauseMs: () => (this.#hasMore ? 0 : PAUSE_MS),
      leastPauseMs: LEAST_PAUSE_MS,
      onlyOne: options.database,
      log: options.log,
      failure: 'pictures could not be indexed',
    })
  }

  get worker(): Worker {
    return this.#worker
  }

  /** Something is to be done. */
  wake(): void {
    this.#worker.wake()
  }

  async #work(signal: AbortSignal): Promise<void> {
    this.#hasMore = false
    try {
      while (!signal.aborted && (await this.#round())) {}
      this.#hasMore = signal.aborted
    } catch (error) {
      this.#seenAt.clear()
      if (hasCode(error, 'unavailable'))
        this.#options.log.warn({ err: error }, 'Milvus is away; pictures are indexed once it is back')
      else throw error
    }
  }

  /** @returns whether there is more to do */
  async #round(): Promise<boolean> {
    const all = await this.#options.collections.all()
    const live = all.filter(({ state }) => state !== 'retired')
    for (const collection of live) await this.#prepare(collection)
    await this.#remove(live)
    await this.#retire(all)
    for (const collection of live) {
      if (await this.#fill(collection)) return true
      if (collection.state === 'filling' && (await this.#replaceServing(collection))) return true
    }
    return false
  }

  /** Makes a collection that is missing, and what was in it waits again. */
  async #prepare(collection: Collection): Promise<void> {
    if (performance.now() - (this.#seenAt.get(collection.id) ?? Number.NEGATIVE_INFINITY) < LOOK_AGAIN_MS) return
    const { index, pictures } = this.#options
    if (!(await index.has(collection))) {
      await pictures.forgetCollection(collection.id)
      await index.create(collection, collection.model.dimension)
    }
    await index.load(collection)
    if (collection.state === 'serving') await index.pointAliasAt(collection)
    this.#seenAt.set(collection.id, performance.now())
  }

  async #remove(live: readonly Collection[]): Promise<void> {
    const { index, pictures } = this.#options
    const ids = await pictures.removed(REMOVED_AT_A_TIME)
    if (ids.length === 0) return
    for (const collection of live) await index.remove(collection, ids)
    await pictures.forget(ids)
  }

  async #retire(all: readonly Collection[]): Promise<void> {
    const { index, collections } = this.#options
    for (const collection of all) {
      if (collection.state !== 'retired' || collection.seconds < RETIREMENT_SECONDS) continue
      if (await index.has(collection)) await index.drop(collection)
      await collections.forget(collection)
    }
  }

  /** @returns whether a batch was there */
  async #fill(collection: Collection): Promise<boolean> {
    const { pictures, kinds, source } = this.#options
    const waiting = await pictures.waiting(collection.id, kinds, BATCH)
    if (waiting.length === 0) return false
    const read = await source.read(waiting, collection.model.side)
    const unread = waiting.filter(({ id }) => !read.has(id))
    for (const { id } of unread) await pictures.postpone(collection.id, id)
    picturesIndexed.inc({ outcome: 'unreadable' }, unread.length)
    const vectors = await this.#vectors(collection, waiting, read)
    const taken = await pictures.take([...read.keys()])
    const stored = vectors.filter(({ id }) => taken.wanted.has(id))
    if (stored.length > 0) await this.#options.index.put(collection, stored)
    const indexed = stored.map(({ id }) => ({ id, hash: read.get(id)?.hash ?? '' }))
    await pictures.markIndexed(collection.id, indexed)
    await pictures.release(taken)
    return true
  }

  /** The same content is embedded once, whatever its number of uses. */
  async #vectors(
    collection: Collection,
    waiting: readonly WaitingPicture[],
    read: ReadonlyMap<number, Pixels>,
  ): Promise<StoredVector[]> {
    const { pictures, index, embedder } = this.#options
    const hashes = [...new Set([...read.values()].map(({ hash }) => hash))]
    if (hashes.length === 0) return []
    const twins = await pictures.twins(collection.id, hashes)
    const known = await index.get(collection, [...twins.values()])
    const byHash = new Map<string, Float32Array>()
    for (const [hash, id] of twins) {
      const vector = known.get(id)
      if (vector) byHash.set(hash, vector)
    }
    for (const { hash, pixels } of read.values()) {
      const isKnown = byHash.has(hash)
      picturesIndexed.inc({ outcome: isKnown ? 'known' : 'embedded' })
      if (!isKnown) byHash.set(hash, await embedder.embed(collection.model, pixels))
    }
    return waiting.flatMap(({ id, kind, ownerId }) => {
      const vector = byHash.get(read.get(id)?.hash ?? '')
      return vector ? [{ id, kind, ownerId, vector }] : []
    })
  }

  /** @returns whether searches go to the collection now: not before all that waits is in it */
  async #replaceServing(filled: Collection): Promise<boolean> {
    const { pictures, collections, index, kinds } = this.#options
    if ((await pictures.countWaiting(filled.id, kinds)) > 0) return false
    await index.pointAliasAt(filled)
    await collections.replaceServing(filled)
    return true
  }
}
