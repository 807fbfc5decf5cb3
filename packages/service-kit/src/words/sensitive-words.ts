import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { ServiceError } from '../errors.ts'
import type { Logger } from '../log.ts'
import { Gauge } from '../metrics.ts'
import { RepeatingWorker, type Worker } from '../workers.ts'
import { maskSpans, WordMatcher } from './word-matcher.ts'

/**
 * Polled, not watched: Kubernetes replaces a mounted ConfigMap by moving a link, which watchers
 * miss.
 */
const LOOK_EVERY_MS = 1_000
const UNREADABLE = 'the list of sensitive words cannot be read'

const wordCount = new Gauge({ name: 'fanone_sensitive_words', help: 'Words on the list that texts are held against' })

/** The variables of services that store texts written by users. */
export const SensitiveWordsConfig = z.object({
  SENSITIVE_WORDS_FILE: z.string().optional().meta({
    description:
      'Words that texts may not hold, one a line, `#` begins a comment; read again when it changes; sensitive-words.txt in FANONE_HOME',
  }),
  SENSITIVE_WORDS_POLICY: z.enum(['reject', 'mask']).default('reject').meta({
    description: 'What happens to a text with such a word: it is refused, or each character of the word becomes a `*`',
  }),
})
type Settings = z.infer<typeof SensitiveWordsConfig> & { FANONE_HOME: string }

/** Checks texts against a list of words that operators keep in a file. */
export class SensitiveWords implements Worker {
  readonly name = 'sensitive words'
  readonly #file: string
  readonly #policy: 'reject' | 'mask'
  readonly #log: Logger
  readonly #following: RepeatingWorker
  #matcher = new WordMatcher([])
  /** The last content of the file; undefined until there is one. */
  #content: string | undefined

  private constructor(settings: Settings, log: Logger) {
    this.#file = settings.SENSITIVE_WORDS_FILE ?? join(settings.FANONE_HOME, 'sensitive-words.txt')
    this.#policy = settings.SENSITIVE_WORDS_POLICY
    this.#log = log
    this.#following = new RepeatingWorker({
      name: this.name,
      work: () => this.#read(),
      pauseMs: LOOK_EVERY_MS,
      isPausedFirst: true,
      log,
      failure: UNREADABLE,
    })
  }

  /** Reads the list, which is empty while there is no file. As a worker it follows the file. */
  static async open(settings: Settings, log: Logger): Promise<SensitiveWords> {
    const words = new SensitiveWords(settings, log)
    await words.#read().catch((error) => log.warn({ err: error }, UNREADABLE))
    if (words.#content === undefined) log.warn({ file: words.#file }, 'there is no list of sensitive words')
    return words
  }

  start(): void {
    this.#following.start()
  }

  stop(): Promise<void> {
    return this.#following.stop()
  }

  /**
   * Refuses or masks texts, depending on the policy.
   *
   * @param texts by the name of their parameter; undefined ones stay undefined
   * @returns the texts to store
   * @throws ServiceError `sensitive_words` naming the parameters, never the words
   */
  check<Texts extends Record<string, string | undefined>>(texts: Texts): Texts {
    if (this.#policy === 'reject') {
      this.refuse(texts)
      return texts
    }
    return Object.fromEntries(
      Object.entries(texts).map(([name, text]) => [name, text && maskSpans(text, this.#matcher.find(text))]),
    ) as Texts
  }

  /**
   * Refuses texts under both policies, for texts that cannot be masked.
   *
   * @throws ServiceError `sensitive_words`
   */
  refuse(texts: Record<string, string | undefined>): void {
    const names = Object.keys(texts).filter((name) => this.#matcher.find(texts[name] ?? '').length > 0)
    if (names.length === 0) return
    const message = 'holds words that are not allowed here'
    throw new ServiceError('sensitive_words', {
      detail: names.map((name) => `${name}: ${message}`).join('; '),
      issues: names.map((path) => ({ path, message })),
    })
  }

  /**
   * Keeps the list if the file is gone.
   *
   * @throws Error if the file exists and cannot be read
   */
  async #read(): Promise<void> {
    try {
      const content = await readFile(this.#file, 'utf8')
      if (content === this.#content) return
      const words = parseWords(content)
      this.#matcher = new WordMatcher(words)
      this.#content = content
      wordCount.set(words.length)
      this.#log.info({ file: this.#file, words: words.length }, 'read the list of sensitive words')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
}

function parseWords(content: string): string[] {
  const lines = content.split(/\r?\n/).map((line) => line.trim())
  return lines.filter((line) => line !== '' && !line.startsWith('#'))
}
