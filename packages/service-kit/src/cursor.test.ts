import { expect, test } from 'vitest'
import { idCursor } from './cursor.ts'
import { hasCode } from './errors.ts'

const newest = idCursor('newest')

const refusal = (cursor: string) => {
  try {
    return newest.decode(cursor)
  } catch (error) {
    return hasCode(error, 'malformed_cursor') ? 'malformed_cursor' : error
  }
}
const text = (value: string) => Buffer.from(value).toString('base64url')

test('a cursor gives back the id it was made of', () => {
  for (const id of [1, 391_233_495_040_000, Number.MAX_SAFE_INTEGER]) expect(newest.decode(newest.encode(id))).toBe(id)
})

test.each([
  ['no base64url', '%%%'],
  ['a bare number', '123'],
  ['another list', text('author:5')],
  ['no id', text('newest:')],
  ['zero', text('newest:0')],
  ['a negative id', text('newest:-5')],
  ['an id with leading zeros', text('newest:007')],
  ['an id beyond 53 bits', text('newest:9007199254740993')],
  ['infinity', text('newest:inf')],
  ['something behind the id', text('newest:5 ')],
  ['padding', `${text('newest:12')}=`],
  ['standard base64', Buffer.from('newest:5').toString('base64').concat('==')],
])('%s is malformed', (_name, cursor) => {
  expect(refusal(cursor)).toBe('malformed_cursor')
})
