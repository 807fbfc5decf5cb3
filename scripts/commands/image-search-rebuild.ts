import { setTimeout as delay } from 'node:timers/promises'
import type { Settings } from '../stack/settings.ts'
import { withOwnClient } from './own-client.ts'

const POLL_MS = 500

/**
 * `npm run image-search:rebuild`: fills another index from MySQL and the media, which replaces the
 * one there is once it is full. Searches go on. Interrupted, it goes on by itself.
 *
 * @returns 0
 */
export async function rebuildImageSearch(settings: Settings): Promise<number> {
  return withOwnClient(settings, 'image-search', async ({ indexes }) => {
    await indexes.rebuild({})
    for (let told = ''; ; await delay(POLL_MS)) {
      const { isFilling, pictures, waiting, unreadable } = await indexes.state({})
      const text = `${pictures - waiting} of ${pictures} pictures`
      if (text !== told) console.log(text)
      told = text
      if (isFilling) continue
      console.log(`Indexed anew${unreadable > 0 ? `; ${unreadable} could not be read` : ''}`)
      return 0
    }
  })
}
