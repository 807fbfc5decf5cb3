import { LOG_LEVEL_ROUTE, LogLevel } from '@fanone/service-kit'
import { isInstanceOf } from '../stack/app-parts.ts'
import { order } from '../stack/control.ts'
import { readManifest } from '../stack/manifest.ts'
import { appToken, ensureSecrets } from '../stack/secrets.ts'
import { type Settings, stackPaths } from '../stack/settings.ts'

/**
 * `npm run log-level -- debug video`: changes what all instances of some services log, or of all
 * services, until they end.
 */
export async function logLevel(settings: Settings, [level, ...named]: string[]): Promise<number> {
  const paths = stackPaths(settings)
  const { parts } = await order(paths.socket, { command: 'status' })
  const { data: to } = LogLevel.safeParse(level)
  if (to === undefined)
    throw new Error(`npm run log-level -- <level> [service …], where level is one of ${LogLevel.options.join(', ')}`)
  const { apps } = readManifest(settings)
  const known = apps.map(({ appId }) => appId)
  const unknown = named.filter((appId) => !known.includes(appId))
  if (unknown.length > 0) throw new Error(`There is no service ${unknown.join(', ')}; there are ${known.join(', ')}`)
  const secrets = ensureSecrets(paths.secrets, apps)
  for (const appId of named.length > 0 ? named : known)
    for (const { part, kind, ports } of parts) {
      if (kind !== 'app' || !isInstanceOf(part, appId)) continue
      await change(`http://127.0.0.1:${ports.app}`, String(secrets[appToken(appId)]), to)
      console.log(`${part} logs ${to}`)
    }
  return 0
}

async function change(address: string, token: string, level: LogLevel): Promise<void> {
  const headers = { 'content-type': 'application/json', 'dapr-api-token': token }
  const response = await fetch(address + LOG_LEVEL_ROUTE, { method: 'PUT', headers, body: JSON.stringify({ level }) })
  if (!response.ok) throw new Error(`${address} answers ${response.status} ${await response.text()}`)
}
