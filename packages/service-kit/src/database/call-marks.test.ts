import { expect, it } from 'vitest'
import { callMark, hasMark, withMark } from './call-marks.ts'

const none = Buffer.alloc(0)
const calls = Array.from({ length: 9 }, (_, index) => callMark('likes.like', `key ${index}`))

it('tells calls apart by their operation and key, and recognises none without a key', () => {
  const names = [
    callMark('likes.like', 'a'),
    callMark('likes.unlike', 'a'),
    callMark('likes.like', 'b'),
    callMark('likes.like', undefined),
    callMark('likes.like', undefined),
  ]
  expect(new Set(names.map((mark) => mark.toString('hex'))).size).toBe(5)
  expect(callMark('likes.like', 'a')).toEqual(names[0])
})

it('remembers the last eight calls', () => {
  const marks = calls.reduce(withMark, none)
  expect(calls.map((mark) => hasMark(marks, mark))).toEqual([false, ...Array(8).fill(true)])
  expect(marks).toHaveLength(64)
  expect(hasMark(none, calls[0] as Buffer)).toBe(false)
})

it('does not take the end of one mark and the beginning of the next for a mark', () => {
  const marks = calls.reduce(withMark, none)
  expect(hasMark(marks, marks.subarray(4, 12))).toBe(false)
})
