import { defineEvent } from '@fanone/contracts'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { addToOutbox } from './outbox.ts'

const noted = defineEvent('test.noted', 1, z.object({ text: z.string() }), { orderedBy: 'nothing' })
/** Neither is reached by an event that is refused. */
const nowhere = {} as never

it.each([
  [
    'an event that no broker would take, before it holds up all behind it',
    { text: '桥'.repeat(400_000) },
    /1200011 bytes/,
  ],
  ['an event that does not fit its schema', { text: 7 }, /expected string/],
])('refuses %s', (_what, data, reason) => {
  expect(() => addToOutbox(nowhere, nowhere, noted, data as never)).toThrow(reason)
})
