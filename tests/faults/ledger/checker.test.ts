import { describe, expect, test } from 'vitest'
import { checkCreated, checkDeleted, checkNoRepeats, checkSame, checkValue, possibleValues } from './checker.ts'
import type { Operation } from './ledger.ts'

let count = 0
/** An operation of one second, unless said otherwise. */
function operation(over: Partial<Operation>): Operation {
  const id = ++count
  const sentAt = over.sentAt ?? id * 1_000
  const answeredAt = over.outcome === 'unknown' ? Number.POSITIVE_INFINITY : sentAt + 500
  return { id, op: 'thing.edit', key: `key ${id}`, userId: 1, subject: 7, sentAt, answeredAt, outcome: 'ok', ...over }
}
const rules = (violations: { rule: string }[]) => violations.map(({ rule }) => rule)

describe('what was created', () => {
  const made = operation({ key: 'made' })
  const unsure = operation({ key: 'unsure', outcome: 'unknown' })
  const refused = operation({ key: 'refused', outcome: 'fail' })

  test('may be stored with or without what nobody knows of', () => {
    expect(checkCreated([made, unsure, refused], ['made'])).toEqual([])
    expect(checkCreated([made, unsure, refused], ['made', 'unsure'])).toEqual([])
  })

  test.for([
    ['an acknowledged one that is not stored is lost', [], ['lost']],
    ['one that is stored twice is a duplicate', ['made', 'made'], ['duplicate']],
    ['an unknown one that is stored twice is a duplicate', ['made', 'unsure', 'unsure'], ['duplicate']],
    ['a refused one that is stored is invented', ['made', 'refused'], ['invented']],
    ['one that nobody asked for is invented', ['made', 'somebody else'], ['invented']],
  ] as const)('%s', ([, stored, expected]) => {
    expect(rules(checkCreated([made, unsure, refused], [...stored]))).toEqual(expected)
  })
})

describe('the value that is held', () => {
  const check = (held: string, writes: Operation[], initial = 'first') =>
    rules(checkValue({ subject: 7, place: 'here', writes, initial, held }))

  test('is the last acknowledged one', () => {
    const writes = [operation({ value: 'a' }), operation({ value: 'b' })]
    expect(check('b', writes)).toEqual([])
    expect(check('a', writes)).toEqual(['overwritten by older'])
    expect(check('first', writes)).toEqual(['overwritten by older'])
    expect(check('c', writes)).toEqual(['invented'])
  })

  test('may be an unknown one, also one that was sent before, because it may take effect late', () => {
    const writes = [operation({ value: 'late', outcome: 'unknown' }), operation({ value: 'b' })]
    expect(check('b', writes)).toEqual([])
    expect(check('late', writes)).toEqual([])
  })

  test('may be either of two that ran at the same time', () => {
    const writes = [operation({ value: 'a', sentAt: 100 }), operation({ value: 'b', sentAt: 200 })]
    expect(check('a', writes)).toEqual([])
    expect(check('b', writes)).toEqual([])
  })

  test('is never a refused one, and the first one only while nothing replaced it', () => {
    const refused = operation({ value: 'refused', outcome: 'fail' })
    expect(check('refused', [refused])).toEqual(['invented'])
    expect(check('first', [refused])).toEqual([])
    expect(possibleValues([operation({ value: 'a', outcome: 'unknown' })], 'first')).toEqual(new Set(['a', 'first']))
  })
})

describe('what was deleted', () => {
  const check = (isThere: boolean, ...deletions: Operation[]) =>
    rules(checkDeleted({ subject: 7, place: 'here', deletions, isThere }))

  test('stays deleted', () => {
    expect(check(false, operation({}))).toEqual([])
    expect(check(true, operation({}))).toEqual(['resurrected'])
  })

  test('may be there or not when nobody knows', () => {
    expect(check(true, operation({ outcome: 'unknown' }))).toEqual([])
    expect(check(false, operation({ outcome: 'unknown' }))).toEqual([])
  })

  test('was deleted by somebody', () => {
    expect(check(false)).toEqual(['lost'])
    expect(check(false, operation({ outcome: 'fail' }))).toEqual(['lost'])
  })
})

test('two places that differ are told apart: missing, stale, resurrected', () => {
  const expected = new Map([
    [1, 'a'],
    [2, 'b'],
    [3, 'c'],
  ])
  const held = new Map([
    [1, 'a'],
    [2, 'older'],
    [4, 'deleted long ago'],
  ])
  expect(checkSame('there', expected, expected)).toEqual([])
  expect(rules(checkSame('there', expected, held))).toEqual(['stale', 'missing', 'resurrected'])
})

test('a list that shows something twice is caught', () => {
  expect(checkNoRepeats('the list', [3, 2, 1])).toEqual([])
  expect(checkNoRepeats('the list', [3, 2, 3, 1]).map(({ subject }) => subject)).toEqual([3])
})
