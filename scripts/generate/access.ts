import type { ServiceDeclaration } from '@fanone/service-kit'
import { apisOf, type Edge, edges, secretsOf } from './declarations.ts'

/** dapr/access/<app-id>.yaml: who may ask what of a service, and what its sidecar does for it. */
export function renderAccess(service: ServiceDeclaration): string {
  const { appId, commandLine = {} } = service
  const callers = edges.filter(({ callee }) => callee === appId)
  const commands = Object.entries(commandLine)
  return [
    `# What others may ask of ${appId}, and what its sidecar does for it. Written by npm run generate from services/*/service.ts.`,
    'apiVersion: dapr.io/v1alpha1',
    'kind: Configuration',
    'metadata:',
    `  name: ${appId}`,
    'spec:',
    '  accessControl:',
    '    defaultAction: deny',
    '    trustDomain: public',
    ...(commands.length > 0
      ? ['    # Nobody else may call these; a call through the own sidecar stays there, and no list is asked:']
      : []),
    ...commands.map(([name, command]) => `    # ${name} (${command})`),
    ...(callers.length > 0 ? ['    policies:', ...callers.flatMap(policy)] : []),
    '  api:',
    '    allowed:',
    ...apisOf(service).map(({ name, why }) => `      - { name: ${name}, version: v1, protocol: http }${comment(why)}`),
    '      # Leads nowhere; without a gRPC entry Dapr allows all of gRPC.',
    '      - { name: unlock, version: v1alpha1, protocol: grpc }',
    '  secrets:',
    '    scopes:',
    '      - storeName: secretstore',
    '        defaultAccess: deny',
    `        allowedSecrets: [${secretsOf(service).join(', ')}]`,
    '',
  ].join('\n')
}

function policy({ caller, operations }: Edge): string[] {
  return [
    `      - appId: ${caller}`,
    '        namespace: default',
    '        trustDomain: public',
    '        defaultAction: deny',
    '        operations:',
    ...operations.map(
      ({ name, why }) => `          - { name: /internal/${name}, httpVerb: [POST], action: allow }${comment(why)}`,
    ),
  ]
}

const comment = (why: string | undefined) => (why === undefined ? '' : ` # ${why}`)
