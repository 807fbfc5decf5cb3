import { makeSecrets } from '../kubernetes/secrets.ts'
import type { Settings } from '../stack/settings.ts'

/**
 * `npm run kubernetes:secrets`: makes the Secrets of an installation in kubectl's current cluster,
 * in the namespace that NAMESPACE names (fanone).
 */
export async function kubernetesSecrets(_settings: Settings): Promise<number> {
  const namespace = process.env.NAMESPACE || 'fanone'
  const { services, added } = await makeSecrets(namespace)
  console.log(`The Secrets of ${services} services are in the namespace ${namespace}; ${added} secrets are new`)
  return 0
}
