/** What is known of an upload that is not published yet, also after a reload. */
export interface KeptUpload {
  /** The file, by its name, size and time. */
  key: string
  name: string
  sizeBytes: number
  /** Where the server has it; undefined before it was asked for. */
  url?: string | undefined
  /** How much of it has arrived. */
  arrivedBytes: number
  /** Whether all of it has. */
  isStored: boolean
  /** Whether it is to be published as soon as it has. */
  isWanted: boolean
  title: string
  description: string
}

const NAMES = 'fanone.upload.'

/** The same file has the same key, however often it is chosen. */
export const keyOf = ({ name, size, lastModified }: File): string => `${name} ${size} ${lastModified}`

/**
 * The unfinished uploads of one user in this browser. A browser that keeps nothing forgets them at
 * the next load.
 */
export class KeptUploads {
  readonly #prefix: string

  constructor(userId: number) {
    this.#prefix = `${NAMES}${userId}.`
  }

  all(): KeptUpload[] {
    try {
      return Object.keys(localStorage)
        .filter((name) => name.startsWith(this.#prefix))
        .sort()
        .map((name) => JSON.parse(localStorage.getItem(name) ?? 'null') as KeptUpload | null)
        .filter((kept) => kept !== null)
    } catch {
      return []
    }
  }

  keep(upload: KeptUpload): void {
    try {
      localStorage.setItem(this.#prefix + upload.key, JSON.stringify(upload))
    } catch {
      // Storage is full or forbidden; the upload goes on while the page is open.
    }
  }

  forget(key: string): void {
    try {
      localStorage.removeItem(this.#prefix + key)
    } catch {
      // There is no storage, and nothing in it.
    }
  }
}
