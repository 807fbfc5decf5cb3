import { execa } from 'execa'
import { databaseName } from '../generate/dapr-yaml.ts'
import { secretsOf, services } from '../generate/declarations.ts'
import { completeSecrets, type Secrets } from '../stack/secrets.ts'
import { ALL_SECRETS, secretObjects } from './secret-objects.ts'

/**
 * Makes the Secrets of an installation in kubectl's current cluster. What is there stays; what a
 * new service needs is added.
 *
 * @returns how many services have secrets, and how many secrets are new
 */
export async function makeSecrets(namespace: string): Promise<{ services: number; added: number }> {
  const owners = services.map((service) => ({
    appId: service.appId,
    secrets: secretsOf(service),
    database: service.database && databaseName(service.appId),
  }))
  const present = await readSecrets(namespace)
  const secrets = completeSecrets(present, owners)
  const input = JSON.stringify(secretObjects(owners, secrets))
  // On the server: the client would write the secrets once more, into an annotation.
  const args = ['--namespace', namespace, 'apply', '--server-side', '--force-conflicts', '--filename=-']
  await execa('kubectl', args, { input })
  return { services: owners.length, added: Object.keys(secrets).length - Object.keys(present).length }
}

async function readSecrets(namespace: string): Promise<Secrets> {
  const args = ['--namespace', namespace, 'get', 'secret', ALL_SECRETS, '--ignore-not-found', '--output=json']
  const { stdout } = await execa('kubectl', args)
  if (stdout === '') return {}
  const { data } = JSON.parse(stdout) as { data: Record<string, string> }
  return JSON.parse(Buffer.from(data['secrets.json'] ?? '', 'base64').toString('utf8')) as Secrets
}
