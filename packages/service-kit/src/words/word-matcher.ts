import AhoCorasick from 'modern-ahocorasick'
import { foldText } from '../fold-text.ts'

/** A part of a text, in UTF-16 units; `end` is exclusive. */
export interface Span {
  start: number
  end: number
}

/** What stood between a character and the one before it. */
type Gap = 'none' | 'mark' | 'blank'

/** A text without what people put between letters to hide words, and where everything stood. */
interface Squeezed {
  text: string
  /** By UTF-16 unit of `text`: the characters it came from, and what stood before them. */
  origins: (Span & { gap: Gap })[]
}

/** A character with its marks; Intl.Segmenter would be exact for emoji too, which are in no word, and takes ten times as long. */
const character = /\p{M}+|\P{M}\p{M}*/gu
const separator = /^[\p{P}\p{S}\p{Z}\s]+$/u
const blank = /^[\p{Z}\s]+$/u
/** Scripts that divide words by blanks, and so say something else without them. */
const spacedScript = /[\p{sc=Latin}\p{sc=Cyrillic}\p{sc=Greek}\p{N}]/u

/** Finds words of a list in texts, also in other case, in full width, and with separators between their characters. */
export class WordMatcher {
  readonly #automaton: AhoCorasick | undefined

  /** @param words as operators write them; what has no two letters, or one of a script without blanks, is left out */
  constructor(words: Iterable<string>) {
    const patterns = [...new Set([...words].map((word) => squeeze(word).text))].filter(isWord)
    this.#automaton = patterns.length === 0 ? undefined : new AhoCorasick(patterns)
  }

  /** Every place of a listed word in a text; places may overlap. */
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

/** Without its signs "c++" would be a "c", which every text has. */
const isWord = (squeezed: string) => [...squeezed].length > 1 || (squeezed !== '' && !spacedScript.test(squeezed))

/** Puts a `*` in the place of every visible character in the spans. */
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
 * Whether a match that goes over separators is a hidden word and no accident of two words beside each other ("pass hit"): in scripts
 * that divide words it begins and ends where words do, and blanks hide a word only where they stand between all of its letters.
 */
function isMeant({ text, origins }: Squeezed, { start, end }: Span): boolean {
  const gaps = origins.slice(start + 1, end).map(({ gap }) => gap)
  if (gaps.every((gap) => gap === 'none') || !spacedScript.test(text.slice(start, end))) return true
  const isEdge = (index: number) => index === 0 || index === origins.length || origins[index]?.gap !== 'none'
  return isEdge(start) && isEdge(end) && (!gaps.includes('blank') || !gaps.includes('none'))
}
