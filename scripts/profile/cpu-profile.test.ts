import { expect, it } from 'vitest'
import { type CpuProfile, selfTimes } from './cpu-profile.ts'

const call = (id: number, functionName: string, url: string) => ({
  id,
  callFrame: { functionName, url, lineNumber: 11 },
})

/** 10 ms of work in three functions, and 90 ms of waiting. */
const profile: CpuProfile = {
  nodes: [
    call(1, '(root)', ''),
    call(2, '(idle)', ''),
    call(3, 'read<T>', 'file:///checkout/services/feed/src/app.ts'),
    call(4, 'emit', 'node:events'),
    call(5, '', 'file:///checkout/node_modules/@scope/package/lib/index.js'),
  ],
  samples: [3, 5, 4, 2, 3],
  timeDeltas: [7, 6_000, 3_000, 1_000, 90_000],
}

it('sums the time of each function, named by file and line as an editor counts, and leaves out waiting', () => {
  expect(selfTimes(profile, '/checkout')).toEqual({
    busyUs: 10_000,
    functions: [
      ['read<T> services/feed/src/app.ts:12', 6_000],
      ['(anonymous) @scope/package/lib/index.js:12', 3_000],
      ['emit node:events:12', 1_000],
    ],
  })
})
