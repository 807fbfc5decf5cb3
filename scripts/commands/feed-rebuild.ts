import { readManifest } from '../stack/manifest.ts'
import { ensureSecrets, sidecarToken } from '../stack/secrets.ts'
import { type Settings, stackPaths } from '../stack/settings.ts'

/** `npm run feed:rebuild`: fills the feed anew from the catalogue, by the feed's own operation. */
export async function rebuildFeed(settings: Settings): Promise<number> {
  const { apps } = readManifest(settings)
  const feed = apps.find(({ appId }) => appId === 'feed')
  const token = ensureSecrets(stackPaths(settings).secrets, apps)[sidecarToken('feed')] ?? ''
  const response = await fetch(
    `http://127.0.0.1:${feed?.ports.http}/v1.0/invoke/feed/method/internal/timelines.rebuild`,
    {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'dapr-api-token': token },
      body: '{}',
    },
  ).catch(() => {
    throw new Error('The feed does not answer; is FanOne running? (npm run status)')
  })
  const answer = (await response.json()) as { videos?: number; detail?: string; message?: string }
  if (answer.videos === undefined) throw new Error(`The feed was not rebuilt: ${answer.detail ?? answer.message}`)
  console.log(`The feed holds ${answer.videos} videos`)
  return 0
}
