import { describe, expect, it, test } from 'vitest'
import { maskSpans, WordMatcher } from './word-matcher.ts'

const matcher = new WordMatcher(['badword', '敏感词', 'shit', 'penis', 'Straße'])
const isFound = (text: string) => matcher.find(text).length > 0

describe('a word is found', () => {
  it.each([
    ['as it is', 'this is badword here'],
    ['inside another', 'superbadwordly'],
    ['in Chinese', '这里有敏感词吗'],
    ['whatever the case', 'BadWord'],
    ['in full width', 'ｂａｄｗｏｒｄ'],
    ['with marks between its letters', 'b.a-d_w*o~r/d'],
    ['with one mark', 'bad-word'],
    ['with blanks between all letters', 'b a d  w o r d'],
    ['with blanks in Chinese', '敏 感\u3000词'],
    ['with marks in Chinese', '敏-感.词'],
    ['with characters nobody sees', 'bad\u200bword'],
    ['with an emoji between', '敏😀感😀词'],
    ['of a list that is written otherwise', 'STRAßE'],
    ['at the end and the beginning of nothing else', 'badword'],
  ])('%s', (_rule, text) => expect(isFound(text)).toBe(true))
})

describe('a word is not found', () => {
  it.each([
    ['where two words beside each other have its letters', 'pass hit'],
    ['where whole words have them', 'the pen is mightier'],
    ['where marks divide two others', 'pass-hit'],
    ['where letters are missing', 'badwrd'],
    ['where accents make it another', 'bádword'],
    ['in nothing', ''],
  ])('%s', (_rule, text) => expect(isFound(text)).toBe(false))
})

it('an entry that is a letter or nothing without its signs is none', () => {
  expect(new WordMatcher(['---', ' ', '😀', 'c++', '#1']).find('--- 😀 c++ #1')).toEqual([])
  expect(new WordMatcher(['屎']).find('一坨屎')).toEqual([{ start: 2, end: 3 }])
})

test.each([
  ['this badword and BAD-WORD', 'this ******* and ***-****'],
  ['这里有敏感词吗', '这里有***吗'],
  ['ｂａｄｗｏｒｄ!', '*******!'],
  ['nothing here', 'nothing here'],
  ['b a d w o r d', '* * * * * * *'],
])('%j is masked as %j', (text, masked) => expect(maskSpans(text, matcher.find(text))).toBe(masked))

test('many words and long texts take no time that anybody notices', () => {
  const words = Array.from({ length: 20_000 }, (_, index) => `word${index}x`)
  const large = new WordMatcher(words)
  const text = `${'harmless text '.repeat(140)} word19999x`
  expect(large.find(text)).toEqual([{ start: text.length - 10, end: text.length }])
})
