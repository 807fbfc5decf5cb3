import { foldText } from '@fanone/service-kit'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { candidateGrams, gramsOf, searchText, TEXT_END } from './grams.ts'

const isCandidate = (title: string, keyword: string) => {
  const grams = gramsOf(searchText(title))
  return candidateGrams(foldText(keyword)).every((gram) => grams.has(gram))
}

describe('a text is a candidate for what is in it', () => {
  it.each([
    ['in Chinese', '我的第一个视频', '第一个'],
    ['one character of Chinese', '我的第一个视频', '频'],
    ['in English, whatever the case', 'My First Video', 'fIRST v'],
    ['one letter at the end', 'clip z', 'Z'],
    ['in full width', 'ＦａｎＯｎｅ', 'fanone'],
    ['an emoji of two code units', 'party 🎉🎈', '🎉🎈'],
    ['nothing at all', 'anything', ''],
    ['nothing in nothing', '', ''],
  ])('%s', (_rule, title, keyword) => expect(isCandidate(title, keyword)).toBe(true))

  test('whatever is cut out of it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.nat(59), fc.nat(20), (text, from, length) => {
        const folded = [...searchText(text).replaceAll(TEXT_END, '')]
        const keyword = folded.slice(from, from + length).join('')
        const grams = gramsOf(folded.join(''))
        expect(candidateGrams(keyword).every((gram) => grams.has(gram))).toBe(true)
      }),
    )
  })
})

describe('a text is no candidate', () => {
  it.each([
    ['for other characters', '我的视频', '你'],
    ['for the same characters in another order', 'ab', 'ba'],
    ['for the beginning and the end together', 'abc', 'ca'],
  ])('%s', (_rule, title, keyword) => expect(isCandidate(title, keyword)).toBe(false))
})

it('no keyword goes from one part of a text to the next', () => {
  const grams = gramsOf(searchText('title', 'description'))
  expect(candidateGrams('ed').every((gram) => grams.has(gram))).toBe(false)
})

it('few grams stand for a long keyword', () => {
  expect(candidateGrams('the longest keyword that anybody will ever look for').length).toBe(5)
})

it('every gram is a number that JavaScript and MySQL hold exactly', () => {
  const grams = [...gramsOf('\u{10ffff}\u{10ffff}')]
  expect(grams).toHaveLength(3)
  expect(grams.every(Number.isSafeInteger)).toBe(true)
})
