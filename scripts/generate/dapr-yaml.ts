import type { ServiceDeclaration } from '@fanone/service-kit'
import { topicsTakenBy } from './declarations.ts'

/** The apps of dapr.yaml. */
export function renderApps(services: readonly ServiceDeclaration[]): string {
  return ['apps:', services.map(app).join('\n\n')].join('\n')
}

function app(service: ServiceDeclaration): string {
  const { appId, port, database, env = {} } = service
  const settings = { ...(database && { DATABASE: databaseName(appId) }), ...env, INSTANCES: '1' }
  return [
    `  - appID: ${appId}`,
    `    appDirPath: ./services/${appId}`,
    ...(topicsTakenBy(service).length > 0 ? ['    resourcesPaths: [../../components, ./dapr]'] : []),
    `    appPort: ${port}`,
    `    daprHTTPPort: ${port + 200}`,
    `    daprGRPCPort: ${port + 300}`,
    `    daprInternalGRPCPort: ${port + 400}`,
    `    metricsPort: ${port + 500}`,
    '    command: [../../node_modules/.bin/node, --import=@fanone/service-kit/telemetry, src/main.ts]',
    '    env:',
    ...Object.entries(settings).map(([name, value]) => `      ${name}: ${/^\d+$/.test(value) ? `"${value}"` : value}`),
  ].join('\n')
}

/** The database of a service. */
export const databaseName = (appId: string) => appId.replaceAll('-', '_')
