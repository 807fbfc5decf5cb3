import { hasCode } from '@fanone/service-kit'
import type { Settings } from '../stack/settings.ts'
import { withOwnClient } from './own-client.ts'

/**
 * `npm run feed:rebuild`: rebuilds the feed from the catalogue, by the feed's own operation. A call
 * that comes while a rebuild is under way waits for it, so a long one is asked about again.
 */
export async function rebuildFeed(settings: Settings): Promise<number> {
  return withOwnClient(settings, 'feed', async ({ timelines }) => {
    for (;;) {
      try {
        const { videos } = await timelines.rebuild({})
        console.log(`The feed holds ${videos} videos`)
        return 0
      } catch (error) {
        if (!hasCode(error, 'timeout')) throw error
        console.log('The feed is still being rebuilt')
      }
    }
  })
}
