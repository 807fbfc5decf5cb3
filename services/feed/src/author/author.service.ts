import { type IdBatch, MAX_BATCH, type Profile } from '@fanone/contracts'
import { chunksOf, type Logger } from '@fanone/service-kit'
import type { z } from 'zod'
import type { Author, AuthorRepository } from './author.repository.ts'

/** `profiles.getMany` of the user service. */
export type GetProfiles = (input: { ids: z.infer<typeof IdBatch> }) => Promise<{ items: Profile[] }>

/** Keeps the feed's own copy of the authors. */
export class AuthorService {
  readonly #authors: AuthorRepository
  readonly #getProfiles: GetProfiles
  readonly #log: Logger

  constructor(options: { authors: AuthorRepository; getProfiles: GetProfiles; log: Logger }) {
    this.#authors = options.authors
    this.#getProfiles = options.getProfiles
    this.#log = options.log
  }

  /**
   * Loads authors that the feed does not know. Cards of authors that do not exist stay hidden until
   * an event brings them.
   *
   * @throws ServiceError `unavailable`, `timeout` if Redis or the user service does not answer
   */
  async addUnknown(ids: number[]): Promise<void> {
    const records = await this.#readRecords(ids)
    await this.#ask(new Map([...records].filter(([, record]) => record === null)))
  }

  /** Like `addUnknown`, but authors that are known get the facts of today as well. */
  async refresh(ids: number[]): Promise<void> {
    await this.#ask(await this.#readRecords(ids))
  }

  async #readRecords(ids: number[]): Promise<Map<number, string | null>> {
    const records = await this.#authors.records(ids)
    return new Map(ids.map((id, index) => [id, records[index] ?? null]))
  }

  /** @param records what was stored before asking, by author */
  async #ask(records: Map<number, string | null>): Promise<void> {
    const ids = [...records.keys()]
    const batches = chunksOf(ids, MAX_BATCH).map((batch) => this.#getProfiles({ ids: batch }))
    const items = (await Promise.all(batches)).flatMap((batch) => batch.items)
    await Promise.all(items.map((profile) => this.#authors.replace(toAuthor(profile), records.get(profile.id) ?? null)))
    const found = new Set(items.map(({ id }) => id))
    const missing = ids.filter((id) => !found.has(id))
    await Promise.all(missing.map((id) => this.#hide(id, records.get(id) ?? null)))
    if (missing.length > 0) this.#log.info({ authorIds: missing }, 'videos of authors who are not there stay hidden')
  }

  /** Somebody who was known and is not any more has been banned. */
  async #hide(id: number, record: string | null): Promise<void> {
    if (record !== null) await this.#authors.hide(id, record)
  }
}

/** What a card shows of a profile. */
export function toAuthor({ id, username, name, avatarKey }: Author): Author {
  return { id, username, name, avatarKey }
}
