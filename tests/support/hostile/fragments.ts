import type { FieldSchema } from '../public-routes.ts'

/**
 * Hostile values as bytes on the wire: JSON text, or percent-encoded bytes of a query, form or
 * path. Many have no value in JavaScript: NaN, a number of 400 digits, half a character.
 */

/**
 * Texts that have broken software: terminators, half characters, text directions, names of object
 * members.
 */
export const oddTexts: readonly string[] = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\u0007\u001b[2J',
  '\ud83d',
  'x\udc00y',
  '🎬',
  '👩‍👩‍👧‍👦',
  '\u202egpj.exe',
  '\u2066x\u2069',
  '\ufeff',
  '\u200b',
  `e${'\u0301'.repeat(300)}`,
  '\ufdfa'.repeat(32),
  'İıſK',
  '__proto__',
  'constructor',
  'toString',
  '../../../../etc/passwd',
  '..\\..\\windows\\win.ini',
  '/etc/passwd\0.mp4',
  'file:///etc/passwd',
  'a\r\nSet-Cookie: x=1\r\n\r\n<html>',
  '%s%n%x%d',
  '-0',
  '1e3',
  '0x1f',
  '1;2',
  'true',
  'null',
  '[object Object]',
  '{"$ne":null}',
  'x'.repeat(5_000),
]

const oddJson: readonly string[] = [
  'null',
  'true',
  '0',
  '-1',
  '0.5',
  '-0.0',
  '1e999',
  '-1e999',
  '9007199254740993',
  '18446744073709551616',
  `1${'0'.repeat(400)}`,
  'NaN',
  'Infinity',
  'undefined',
  "'x'",
  '[]',
  '[[]]',
  '["a","b"]',
  '{}',
  '{"$ne":null}',
  '{"__proto__":{"polluted":"polluted"}}',
  '{"constructor":{"prototype":{"polluted":"polluted"}}}',
  '{"toString":null,"valueOf":null,"length":1e9}',
  `${'['.repeat(200)}${']'.repeat(200)}`,
]

const oddNumbers: readonly string[] = [
  '0',
  '-1',
  '1.5',
  '1e3',
  '0x10',
  '+1',
  '%201',
  '007',
  '9007199254740991',
  '9007199254740992',
  '99999999999999999999999999',
  'NaN',
  'Infinity',
  '%D9%A1%D9%A2',
  '%EF%BC%91',
]

/** Bytes that are no text at all. */
const oddBytes: readonly string[] = ['%00', '%FF%FE', '%ED%A0%80', '%C0%AF', '%F5%80%80%80', '%zz', '%', '%u0041']

/** Hostile JSON for one parameter. */
export function jsonFragments(schema: FieldSchema): string[] {
  return [...oddJson, ...oddTexts.map((text) => JSON.stringify(text)), ...bounds(schema).map((text) => `"${text}"`)]
}

/** Hostile percent-encoded text for one parameter of a query, a form or a path. */
export function textFragments(schema: FieldSchema): string[] {
  return [...oddBytes, ...oddNumbers, ...oddTexts.map(percentEncode), ...bounds(schema)]
}

/** Just outside what the schema allows. */
function bounds({ minLength = 0, maxLength, maximum, minimum }: FieldSchema): string[] {
  const lengths = [minLength - 1, (maxLength ?? 0) + 1].filter((length) => length > 0 && length < 6_000)
  const numbers = [maximum === undefined ? [] : [maximum + 1], minimum === undefined ? [] : [minimum - 1]].flat()
  return [...lengths.map((length) => 'y'.repeat(length)), ...numbers.map(String)]
}

/**
 * Like `encodeURIComponent`, which throws at half characters; these become the three bytes that
 * some languages write.
 */
export function percentEncode(text: string): string {
  return [...text]
    .map((character) => {
      const unit = character.charCodeAt(0)
      if (character.isWellFormed()) return encodeURIComponent(character)
      const bytes = [0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f)]
      return bytes.map((byte) => `%${byte.toString(16)}`).join('')
    })
    .join('')
}

/** Decodes percent-encoded text; malformed escapes stay as they are. */
export function percentDecode(text: string): Buffer {
  const binary = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(binary, 'latin1')
}
