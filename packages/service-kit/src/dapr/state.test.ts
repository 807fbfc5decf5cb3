import { expect, test } from 'vitest'
import { connectDapr } from './client.ts'
import { SidecarError } from './sidecar-error.ts'
import { StateStore } from './state.ts'

/** A store whose sidecar answers a read with this. */
function storeThatAnswers(answer: unknown): StateStore {
  const { client } = connectDapr({ port: 1 })
  Object.assign(client.daprClient, { execute: async () => answer })
  return new StateStore(client)
}

// The sidecar answers 200 also where the store did not answer it: each item has its own error.
test.each([
  ['an item with an error', [{ key: 'a', error: 'connection refused' }]],
  ['no item', []],
  ['a value without a version', [{ key: 'a', data: 1 }]],
  ['nothing', ''],
])('%s is an error, and not "there is none"', async (_what, answer) => {
  await expect(storeThatAnswers(answer).get('a')).rejects.toBeInstanceOf(SidecarError)
})

test('an item without a value is no value', async () => {
  expect(await storeThatAnswers([{ key: 'a' }]).get('a')).toBeUndefined()
})
