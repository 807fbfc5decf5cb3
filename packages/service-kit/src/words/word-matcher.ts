import AhoCorasick from 'modern-ahocorasick'
import { foldText } from '../fold-text.ts'

/** A range of UTF-16 units in a text; `end` is exclusive. */
export interface Span {
  start: number
  end: number
}

/** What separates a character from the previous one. */
type Gap = 'none' | 'mark' | 'blank'

/**
 * A text without the characters people put between letters to hide words, and the original
 * positions.
 */
interface Squeezed {
  text: string
  /**
   * For each UTF-16 unit of `text`: the range it came from and what separates it from the previous
   * one.
   */
  origins: (Span & { gap: Gap })[]
}

/**
 * A character with its marks. Intl.Segmenter is exact for emoji too, but they are in no word and it
 * is ten times slower.
 */
const character = /\p{M}+|\P{M}\p{M}*/gu
const separator = /^[\p{P}\p{S}\p{Z}\s]+$/u
const blank = /^[\p{Z}\s]+$/u
/** Scripts with blanks between words, where removing a blank changes the meaning. */
const spacedScript = /[\p{sc=Latin}\p{sc=Cyrillic}\p{sc=Greek}\p{N}]/u

/**
 * Finds listed words in texts, also in other case, in full width, and with separators between
 * letters.
 */
export class WordMatcher {
  readonly #automaton: AhoCorasick | undefined

  /**
   * @param words as operators write them; words of a single letter are ignored, except in scripts
   *   without blanks
   */
  constructor(words: Iterable<string>) {
    const patterns = [...new Set([...words].map((word) => squeeze(word).text))].filter(isWord)
    this.#automaton = patterns.length === 0 ? undefined : new AhoCorasick(patterns)
  }

  /** The ranges of all listed words in a text; they may overlap. */
  find(text: string): Span[] {
    if (!this.#automaton || text === '') return []
    const squeezed = squeeze(text)
    return this.#automaton
      .search(squeezed.text)
      .filter((match) => isMeant(squeezed, match))
      .map(({ start, end }) => ({
        start: (squeezed.origins[start] as Span).start,
        end: (squeezed.origins[end - 1] as Span).end,
      }))
  }
}

/** Without punctuation "c++" would be a "c", which every text has. */
const isWord = (squeezed: string) => [...squeezed].length > 1 || (squeezed !== '' && !spacedScript.test(squeezed))

/** Replaces every visible character in the ranges by `*`. */
export function maskSpans(text: string, spans: Span[]): string {
  return text.replace(character, (shown, index: number) =>
    !separator.test(shown) && spans.some(({ start, end }) => index >= start && index < end) ? '*' : shown,
  )
}

const isAscii = (shown: string) => shown.length === 1 && shown < '\x7f'

function squeeze(text: string): Squeezed {
  let squeezed = ''
  const origins: Squeezed['origins'] = []
  let gap: Gap = 'none'
  for (const { 0: shown, index } of text.matchAll(character)) {
    const folded = isAscii(shown) ? shown.toLowerCase() : foldText(shown)
    if (folded === '' || separator.test(folded)) {
      if (folded !== '') gap = gap === 'blank' || blank.test(folded) ? 'blank' : 'mark'
      continue
    }
    for (let unit = 0; unit < folded.length; unit++)
      origins.push({ start: index, end: index + shown.length, gap: unit === 0 ? gap : 'none' })
    squeezed += folded
    gap = 'none'
  }
  return { text: squeezed, origins }
}

/**
 * Whether a match across separators is a hidden word, not two words that meet by accident ("pass
 * hit"). In scripts with blanks it must begin and end at word borders, and blanks count only if
 * they separate all of its letters.
 */
function isMeant({ text, origins }: Squeezed, { start, end }: Span): boolean {
  const gaps = origins.slice(start + 1, end).map(({ gap }) => gap)
  if (gaps.every((gap) => gap === 'none') || !spacedScript.test(text.slice(start, end))) return true
  const isEdge = (index: number) => index === 0 || index === origins.length || origins[index]?.gap !== 'none'
  return isEdge(start) && isEdge(end) && (!gaps.includes('blank') || !gaps.includes('none'))
}
