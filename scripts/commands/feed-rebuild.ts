import type { Settings } from '../stack/settings.ts'
import { askOwnSidecar } from './own-sidecar.ts'

/** `npm run feed:rebuild`: rebuilds the feed from the catalogue, by the feed's own operation. */
export async function rebuildFeed(settings: Settings): Promise<number> {
  const { videos } = await askOwnSidecar<{ videos: number }>(settings, 'feed', 'timelines.rebuild', {})
  console.log(`The feed holds ${videos} videos`)
  return 0
}
