import { accountsSql } from '../stack/infra/mysql.ts'
import { appToken, type Owner, type Secrets, sidecarToken } from '../stack/secrets.ts'

/** What a service must have in a cluster. */
export interface SecretOwner extends Owner {
  database: string | undefined
}

/** The Secret that keeps everything; the others follow from it. No pod of a service mounts it. */
export const ALL_SECRETS = 'fanone-secrets'

/**
 * The Secrets of an installation: all secrets with the SQL that makes databases and accounts, and
 * for each service what its sidecar may read and the tokens between the two.
 */
export function secretObjects(services: readonly SecretOwner[], secrets: Secrets): object {
  const all = secretObject(ALL_SECRETS, {
    'secrets.json': JSON.stringify(secrets, null, 2),
    'accounts.sql': `${accountsSql(services, secrets, '%').join('\n')}\n`,
    'redis-password': secrets['redis-password'] ?? '',
  })
  const ofServices = services.flatMap(({ appId, secrets: names }) => {
    const own = Object.fromEntries(names.map((name) => [name, secrets[name] ?? '']))
    return [
      secretObject(`fanone-${appId}`, { 'secrets.json': JSON.stringify(own) }),
      secretObject(`fanone-${appId}-app-token`, { token: secrets[appToken(appId)] ?? '' }),
      secretObject(`fanone-${appId}-sidecar-token`, { token: secrets[sidecarToken(appId)] ?? '' }),
    ]
  })
  return { apiVersion: 'v1', kind: 'List', items: [all, ...ofServices] }
}

function secretObject(name: string, stringData: Record<string, string>) {
  const labels = { 'app.kubernetes.io/part-of': 'fanone' }
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, labels }, type: 'Opaque', stringData }
}
