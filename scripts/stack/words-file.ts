import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from './settings.ts'

const content = `# Sensitive words: titles, descriptions, comments, names and signatures may not hold them. One a line; changes count within
# a second or two. Case, full width and signs between the letters make no difference. What happens to a text with such a word is decided
# by SENSITIVE_WORDS_POLICY.
`

/** Gives the installation an empty list of sensitive words to write into, unless it has one. */
export function prepareWordsFile({ home }: Pick<Settings, 'home'>): void {
  mkdirSync(home, { recursive: true })
  try {
    writeFileSync(join(home, 'sensitive-words.txt'), content, { flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
