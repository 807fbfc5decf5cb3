import { serviceContracts } from '@fanone/contracts'
import { createServiceClient, DeadlineTransport, type ServiceClient } from '@fanone/service-kit'
import { requireRunning } from '../stack/control.ts'
import { readManifest } from '../stack/manifest.ts'
import { ensureSecrets, sidecarToken } from '../stack/secrets.ts'
import { type Settings, stackPaths } from '../stack/settings.ts'

type Contracts = typeof serviceContracts

/**
 * Works with a typed client of a service that calls through the service's own sidecar, for
 * operations that no other service may call.
 *
 * @throws Error where FanOne is not running; what the work throws, such as ServiceErrors of calls
 */
export async function withOwnClient<App extends keyof Contracts, Result>(
  settings: Settings,
  appId: App,
  work: (client: ServiceClient<Contracts[App]>) => Promise<Result>,
): Promise<Result> {
  await requireRunning(stackPaths(settings).socket)
  const { apps } = readManifest(settings)
  const app = apps.find((one) => one.appId === appId)
  if (!app) throw new Error(`There is no service ${appId}; there are ${apps.map((one) => one.appId).join(', ')}`)
  const apiToken = ensureSecrets(stackPaths(settings).secrets, apps)[sidecarToken(appId)]
  const transport = new DeadlineTransport({ port: app.ports.http, apiToken })
  try {
    return await work(createServiceClient(serviceContracts[appId], { appId, transport }))
  } finally {
    await transport.close()
  }
}
