import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { Username } from './credentials.ts'
import { CommentText } from './interaction.ts'
import { line, text, visibleLength } from './text.ts'
import { ProfileEdit } from './user.ts'
import { Description, Title, VideoSearch } from './video.ts'

const MAX = 20
const oneLine = line({ min: 1, max: MAX })
const manyLines = text({ min: 1, max: MAX })
const schemas = { oneLine, manyLines, lineOrNothing: line({ max: MAX }), textOrNothing: text({ max: MAX }) }

/** Characters that mean something to the rules, among all others. */
const special = [
  ...'\t\n\v\f\r \u0000\u001f\u007f\u0085\u009f\u00a0\u00ad\u034f\u061c\u115f\u180e\u200b\u200c\u200d\u200e\u202e',
  ...'\u2028\u2029\u2066\u2069\u2800\u3000\u3164\ufe0f\ufeff\ufff9\ue000\u0301\u{1d159}\u{e0067}\u{1f469}\u{1f3fb}aé漢',
]
const anyText = fc
  .array(fc.oneof(fc.constantFrom(...special), fc.string({ unit: 'binary', maxLength: 1 })), { maxLength: MAX + 2 })
  .map((characters) => characters.join(''))
const unseen = fc
  .array(
    fc.constantFrom(...' \u200b\u2800\u3164\u00ad\ufe0f\u200d\u200c\u034f\u115f\u180b\u2060\ufeff\u{e0067}\u{e0100}'),
    {
      maxLength: MAX,
    },
  )
  .map((characters) => characters.join(''))
/** Drawn in any context. */
const seen = fc.constantFrom(...'aZé漢か가नم👩☝🏽1#'.normalize('NFC'))

const accepts = (schema: z.ZodType, value: unknown) => schema.safeParse(value).success

describe('a text with nothing to see', () => {
  it('is no text where there must be one, and the empty text where there may be none', () => {
    fc.assert(
      fc.property(unseen, (value) => {
        for (const schema of [Title, CommentText, ProfileEdit.shape.name.unwrap()])
          expect(accepts(schema, value)).toBe(false)
        expect(Description.parse(value)).toBe('')
        expect(VideoSearch.parse({ keyword: value, authorName: value })).toMatchObject({ keyword: '', authorName: '' })
        expect(accepts(Username, value)).toBe(false)
      }),
    )
  })

  it('adds nothing to what can be seen, and takes nothing away', () => {
    fc.assert(
      fc.property(unseen, seen, unseen, (before, character, after) => {
        const value = before + character + after
        expect(visibleLength(value)).toBe(1)
        fc.pre([...value].length <= MAX)
        expect(oneLine.parse(value)).toBe(value.trim())
        expect(accepts(Username, value)).toBe(false)
      }),
    )
  })
})

it.each([
  ['a family', '👩‍👩‍👧‍👦'],
  ['a heart in colour, and as text', '❤️ ❤︎'],
  ['a flag of tags', '🏴󠁧󠁢󠁥󠁮󠁧󠁿'],
  ['a keycap', '1️⃣'],
  ['Persian with a non-joiner', 'می‌خواهم'],
  ['Hindi with a joiner', 'क्‍ष'],
  ['an ideograph with its variant', '葛󠄀'],
  ['Mongolian with a variation selector', 'ᠠ᠋'],
  ['Hebrew with a mark of direction', 'שלום\u200f!'],
  ['a soft hyphen', 'Donau\u00addampf'],
])('%s stays as it is', (_what, value) => {
  for (const schema of Object.values(schemas)) expect(schema.parse(value)).toBe(value)
})

describe('what is refused', () => {
  const refused = (characters: string[], by: z.ZodType[], acceptedBy: z.ZodType[] = []) =>
    it.each(characters)('%j', (character) => {
      for (const schema of by) expect(accepts(schema, `a${character}b`)).toBe(false)
      for (const schema of acceptedBy) expect(schema.parse(`a${character}b`)).toBe(`a${character}b`)
    })

  describe('in all texts: control characters', () => {
    refused([...'\u0000\u0007\u001f\u007f\u0080\u0085\u009b\u009f', '\ud800'], Object.values(schemas))
  })
  describe('in names and titles: line breaks, and what turns the direction', () => {
    refused(
      [...'\n\r\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069'],
      [Title, ProfileEdit.shape.name.unwrap()],
      [Description, CommentText],
    )
  })
})

it.each(Object.entries(schemas))('the pattern of %s says what the schema does', (_name, schema) => {
  const pattern = new RegExp(String(schema.meta()?.pattern), 'u')
  fc.assert(
    fc.property(anyText, (value) => {
      fc.pre(value.isWellFormed() && [...value].length <= MAX)
      expect(pattern.test(value)).toBe(accepts(schema, value.replaceAll('\r\n', '\n')))
    }),
    { numRuns: 2_000 },
  )
})

it('the pattern knows every character that is not drawn', { timeout: 60_000 }, () => {
  const pattern = new RegExp(String(manyLines.meta()?.pattern), 'u')
  for (let code = 0; code <= 0x10ffff; code++) {
    const character = String.fromCodePoint(code)
    if (character.isWellFormed() && pattern.test(character) !== (visibleLength(character) === 1))
      expect.fail(`U+${code.toString(16)}`)
  }
})
