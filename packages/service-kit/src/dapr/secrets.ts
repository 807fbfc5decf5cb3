import type { DaprClient } from './client.ts'
import { SidecarError } from './sidecar-error.ts'

const STORE = 'secretstore'

/**
 * One secret of the secret store.
 *
 * @throws SidecarError where there is none of this name, or this app may not read it
 */
export async function readSecret(client: Pick<DaprClient, 'secret'>, name: string): Promise<string> {
  const secrets = (await client.secret.get(STORE, encodeURIComponent(name))) as Record<string, string>
  const value = secrets[name]
  if (value === undefined) throw new SidecarError(`there is no secret ${name}`)
  return value
}
