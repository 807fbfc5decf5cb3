import { z } from 'zod'

/**
 * Characters that are not drawn. Unicode has properties for nearly all of them; the blank Braille
 * pattern, the null notehead and the formatting of annotations and hieroglyphs have none.
 */
const INVISIBLE =
  /[\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cc}\u2800\ufff9-\ufffb\u{13430}-\u{1343f}\u{1d159}]/u
/** What `trim` cuts off. */
const BLANK = /[\s\ufeff]/u

interface Refused {
  characters: RegExp
  message: string
}
/** Tab, line feed and carriage return are none. */
const controls: Refused = { characters: /[\p{Cc}--[\t\n\r]]/v, message: 'must not contain control characters' }
const lineBreaks: Refused = { characters: /[\n\r\p{Zl}\p{Zp}]/u, message: 'must not contain line breaks' }
/**
 * Embeddings, overrides and isolates. Marks stay in their place, and languages written from right
 * to left need them.
 */
const turns: Refused = {
  characters: /[\p{Bidi_Control}--[\u061c\u200e\u200f]]/v,
  message: 'must not contain characters that turn the direction of text',
}

/**
 * How many characters of a text there are to see, in code points. A joiner or a variation selector
 * is none, so it counts for nothing where it stands alone and costs nothing inside an emoji or a
 * word.
 */
export const visibleLength = (text: string) => [...text].filter((character) => !INVISIBLE.test(character)).length

interface Bounds {
  /** Smallest number of characters that can be seen. */
  min?: number
  /** Largest number of code points, seen or not. */
  max: number
  /**
   * Whether issues name the rule that was broken, for those who answer it by a code of its own:
   * `tooShort`, `tooLong`.
   */
  hasRules?: boolean
}

/**
 * A text that people typed, of one or many lines: trimmed, well-formed, free of control characters.
 * A text that shows nothing is the empty text. An emoji is one character.
 */
export const text = (bounds: Bounds) => typed(bounds, [controls])

/**
 * A name or a title: a text of one line that leaves the direction of what stands around it alone.
 */
export const line = (bounds: Bounds) => typed(bounds, [controls, lineBreaks, turns])

function typed({ min = 0, max, hasRules = false }: Bounds, refused: Refused[]) {
  const broken = (rule: string) => (hasRules ? { params: { rule } } : {})
  const refusalOf = (value: string) =>
    // MySQL cannot store a lone surrogate, and no client can draw one.
    value.isWellFormed() ? refused.find(({ characters }) => characters.test(value)) : controls
  return (
    z
      .string()
      .max(max * 4)
      // Forms send line breaks as CRLF (HTML, form submission), JSON as they are.
      .overwrite((value) => value.replaceAll('\r\n', '\n'))
      .trim()
      .refine((value) => !refusalOf(value), { error: ({ input }) => refusalOf(input as string)?.message })
      .overwrite((value) => (visibleLength(value) === 0 ? '' : value))
      .refine((value) => [...value].length <= max, {
        message: `must be at most ${max} characters`,
        ...broken('tooLong'),
      })
      .refine((value) => visibleLength(value) >= min, {
        message: `must be at least ${min} characters`,
        ...broken('tooShort'),
      })
      .meta({
        maxLength: max,
        ...(min > 0 ? { minLength: min } : {}),
        // Made for those who read it: it takes some milliseconds.
        get pattern() {
          return patternOf(refused, min)
        },
      })
  )
}

/**
 * The same rules for those who read the description of the API. Many regular expressions know no
 * properties, so it spells them out.
 */
function patternOf(refused: Refused[], min: number): string {
  const refusedCharacters = refused.map(({ characters }) => characters)
  const blanks = `[${classOf([BLANK])}]*`
  const allowed = `[^${classOf(refusedCharacters)}]*`
  const visible = `[^${classOf([INVISIBLE, ...refusedCharacters])}]`
  return `^${blanks}${`${allowed}${visible}`.repeat(min)}${allowed}${blanks}$`
}

/** The code points of the planes that have special characters, one after the other. */
const PLANES = [0x00000, 0x10000, 0xe0000].map((first) =>
  String.fromCodePoint(...Array.from({ length: 0x10000 }, (_, low) => first + low)),
)

/** The inside of a character class that holds all of these kinds, as ranges. */
function classOf(kinds: RegExp[]): string {
  const runs = new RegExp(`(?:${kinds.map(({ source }) => source).join('|')})+`, 'gv')
  return PLANES.flatMap((plane) => [...plane.matchAll(runs)].map(([run]) => rangeOf([...run]))).join('')
}

function rangeOf(run: string[]): string {
  const [first, last] = [run[0] as string, run.at(-1) as string]
  return run.length === 1 ? written(first) : `${written(first)}-${written(last)}`
}

/** Escaped where all regular expressions escape alike, in 16 bits; else as it is. */
function written(character: string): string {
  const code = character.codePointAt(0) as number
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : character
}
