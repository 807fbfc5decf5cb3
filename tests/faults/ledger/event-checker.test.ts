import { expect, test } from 'vitest'
import { checkEvents, repeats, type WireEvent } from './event-checker.ts'

/** Thing 1 was made, changed twice and deleted; thing 2 was made. */
const committed = new Map([
  [1, { firstVersion: 1, topics: ['made', 'changed', 'changed', 'deleted'] }],
  [2, { firstVersion: 1, topics: ['made'] }],
])
const event = (topic: string, aggregateId: number, version: number, id = `${aggregateId}.${version}`): WireEvent => ({
  id,
  topic,
  aggregateId,
  version,
})
const right = [
  event('made', 1, 1),
  event('changed', 1, 2),
  event('made', 2, 1),
  event('changed', 1, 3),
  event('deleted', 1, 4),
]
const rules = (events: WireEvent[]) => checkEvents(events, committed).map(({ rule }) => rule)

test('every committed event once and in order is right', () => {
  expect(rules(right)).toEqual([])
})

test('events that come again, as after a crash of the relay, are right and counted', () => {
  const again = [...right, event('changed', 1, 2), event('changed', 1, 3)]
  expect(rules(again)).toEqual([])
  expect(repeats(again)).toBe(2)
})

test.for([
  ['an event that is not on the topic is lost', right.slice(1), ['lost']],
  [
    'an edit that comes before an older one is reordered',
    [right[0], right[3], right[1], right[2], right[4]],
    ['reordered'],
  ],
  ['an event of a state that was never stored is invented', [...right, event('changed', 1, 5)], ['invented']],
  ['an event of a thing that was never stored is invented', [...right, event('made', 3, 1)], ['invented']],
  [
    'a deletion told as a change is invented, and the deletion is lost',
    [...right.slice(0, 4), event('changed', 1, 4)],
    ['invented'],
  ],
  ['the same state under two event ids is a duplicate', [...right, event('made', 2, 1, 'other id')], ['duplicate']],
] as const)('%s', ([, events, expected]) => {
  expect(rules(events as WireEvent[])).toEqual(expected)
})
