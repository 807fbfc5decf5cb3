import { setTimeout as delay } from 'node:timers/promises'
import type { RebuildReport } from '@fanone/contracts'
import type { Settings } from '../stack/settings.ts'
import { withOwnClient } from './own-client.ts'

const POLL_MS = 500

/**
 * `npm run stats:rebuild`: recounts everything from the services that own it, repairs counters and
 * prints by how much each was off.
 *
 * @returns 0 if none was off
 */
export async function rebuildStats(settings: Settings): Promise<number> {
  return withOwnClient(settings, 'stats', async ({ rebuilds }) => {
    const { id } = await rebuilds.start({})
    for (;;) {
      const { state, report } = await rebuilds.get({ id })
      if (state === 'failed') throw new Error(`The counters could not be recounted: ${report.error}`)
      if (state === 'done') return print(report)
      await delay(POLL_MS)
    }
  })
}

function print({ checked, drift, repaired, unsettled }: RebuildReport): number {
  console.log(`Recounted ${checked.contents} contents and ${checked.users} users`)
  for (const [name, { subjects, sum }] of Object.entries(drift))
    console.log(`  ${name.padEnd(14)} drift ${sum}${subjects > 0 ? ` (${subjects} repaired)` : ''}`)
  const total = Object.values(drift).reduce((all, { sum }) => all + sum, 0)
  console.log(`Drift ${total}, repaired ${repaired}`)
  if (unsettled > 0) console.log(`${unsettled} kept changing and could not be checked; run this again`)
  return total === 0 && unsettled === 0 ? 0 : 1
}
