import { requireRunning } from '../stack/control.ts'
import { readManifest } from '../stack/manifest.ts'
import { ensureSecrets, sidecarToken } from '../stack/secrets.ts'
import { type Settings, stackPaths } from '../stack/settings.ts'

/**
 * Calls a service through its own sidecar, for operations that no other service may call.
 *
 * @throws Error with the message of the service or sidecar when the call fails
 */
export async function askOwnSidecar<Answer>(
  settings: Settings,
  appId: string,
  operation: string,
  input: object,
): Promise<Answer> {
  await requireRunning(stackPaths(settings).socket)
  const { path, headers } = ownSidecar(settings, appId)
  const response = await fetch(`${path}/v1.0/invoke/${appId}/method/internal/${operation}`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(input),
  }).catch(() => {
    throw new Error(`${appId} does not answer; is FanOne running? (npm run status)`)
  })
  const answer = (await response.json()) as Answer & { detail?: string; message?: string }
  if (!response.ok || response.headers.has('fanone-refused'))
    throw new Error(`${appId} refused: ${answer.detail ?? answer.message}`)
  return answer
}

/** Where the first instance's sidecar of a service is, and what it wants to be shown. */
export function ownSidecar(settings: Settings, appId: string): { path: string; headers: Record<string, string> } {
  const { apps } = readManifest(settings)
  const app = apps.find((one) => one.appId === appId)
  if (!app) throw new Error(`There is no service ${appId}; there are ${apps.map((one) => one.appId).join(', ')}`)
  const token = ensureSecrets(stackPaths(settings).secrets, apps)[sidecarToken(appId)] ?? ''
  return { path: `http://127.0.0.1:${app.ports.http}`, headers: { 'dapr-api-token': token } }
}
