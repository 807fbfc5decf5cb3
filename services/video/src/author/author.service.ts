import { MAX_BATCH, type Profile } from '@fanone/contracts'
import type { Logger } from '@fanone/service-kit'
import { searchText } from '../search/grams.ts'
import type { AuthorRepository } from './author.repository.ts'

/** `profiles.getMany` of the user service. */
export type GetProfiles = (input: { ids: number[] }) => Promise<{ items: Pick<Profile, 'id' | 'username' | 'name'>[] }>

/** Knows what authors are called, so that videos can be found by it. */
export class AuthorService {
  readonly #authors: AuthorRepository
  readonly #getProfiles: GetProfiles
  readonly #log: Logger

  constructor(options: { authors: AuthorRepository; getProfiles: GetProfiles; log: Logger }) {
    this.#authors = options.authors
    this.#getProfiles = options.getProfiles
    this.#log = options.log
  }

  /** Loads the name of an author before a publication; on failure the indexer does it later. */
  async addUnknown(authorId: number): Promise<void> {
    try {
      if (!(await this.#authors.named([authorId])).has(authorId)) await this.#ask([authorId])
    } catch (error) {
      this.#log.warn({ err: error, authorId }, 'the name of an author could not be loaded; trying again later')
    }
  }

  /**
   * Loads the names of all authors that are missing here.
   *
   * @throws ServiceError if the user service does not answer
   */
  async addPending(): Promise<void> {
    const ids = await this.#authors.nameless(MAX_BATCH)
    if (ids.length > 0) await this.#ask(ids)
  }

  async #ask(ids: number[]): Promise<void> {
    const { items } = await this.#getProfiles({ ids })
    for (const { id, username, name } of items) await this.#authors.name(id, authorText({ username, name }))
  }
}

/** What somebody is found by. */
export const authorText = ({ username, name }: Pick<Profile, 'username' | 'name'>) => searchText(username, name)
