import { type Logger, RepeatingWorker, type RepeatingWorkerOptions, type Worker, walkAll } from '@fanone/service-kit'
import type { AuthorService } from '../author/author.service.ts'
import type { SearchRepository } from './search.repository.ts'

const PAGE_SIZE = 500
const COMPARE_EVERY_MS = 60 * 60 * 1_000
const AUTHORS_EVERY_MS = 5_000

/**
 * Repairs the search index for videos older than the search or written by an older version of this
 * service, and loads missing names of authors. Several instances may do it at once.
 */
export class SearchIndexer implements Worker {
  readonly name = 'search indexer'
  readonly #search: SearchRepository
  readonly #authors: AuthorService
  readonly #log: Logger
  readonly #workers: RepeatingWorker[]

  constructor(options: { search: SearchRepository; authors: AuthorService; log: Logger }) {
    this.#search = options.search
    this.#authors = options.authors
    this.#log = options.log
    const repeating = (how: Pick<RepeatingWorkerOptions, 'work' | 'pauseMs'>) =>
      new RepeatingWorker({
        name: this.name,
        log: this.#log,
        failure: 'the search index could not be repaired',
        ...how,
      })
    this.#workers = [
      repeating({ work: (signal) => this.compareAll(signal), pauseMs: COMPARE_EVERY_MS }),
      repeating({ work: () => this.#authors.addPending(), pauseMs: AUTHORS_EVERY_MS }),
    ]
  }

  start(): void {
    for (const worker of this.#workers) worker.start()
  }

  async stop(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop()))
  }

  /**
   * Compares all videos with the index.
   *
   * @returns how many were wrong
   */
  async compareAll(signal?: AbortSignal): Promise<number> {
    let repaired = 0
    const compare = (last?: { id: number; isStale: boolean }) =>
      this.#search.compare({ afterId: last?.id ?? 0, limit: PAGE_SIZE })
    for await (const videos of walkAll(PAGE_SIZE, compare)) {
      for (const { id } of videos.filter(({ isStale }) => isStale)) {
        await this.#search.repair(id)
        repaired += 1
      }
      if (signal?.aborted) break
    }
    if (repaired > 0) this.#log.info({ repaired }, 'repaired the search index')
    return repaired
  }
}
