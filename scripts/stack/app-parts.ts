import { delimiter, dirname, join } from 'node:path'
import { sidecarIdentity, trustDomain } from './infra/sentry.ts'
import type { App, AppPorts } from './manifest.ts'
import type { Part } from './part.ts'
import { s3Port } from './ports.ts'
import { probeHttp } from './probe-http.ts'
import { releaseOf } from './release.ts'
import { renderedPath } from './rendered.ts'
import { appToken, type Secrets, sidecarToken } from './secrets.ts'
import { type Settings, stackPaths } from './settings.ts'

/** Name of one instance: the app id, and for further ones the app id with a number. */
export function instanceName(appId: string, index: number): string {
  return index === 0 ? appId : `${appId}-${index}`
}

/** Whether a part is an instance of a service, and not of one whose name begins like it. */
export function isInstanceOf(part: string, appId: string): boolean {
  return part === appId || (part.startsWith(`${appId}-`) && /^\d+$/.test(part.slice(appId.length + 1)))
}

/**
 * The two processes of one instance: the service and its sidecar. Instance `i` uses every port plus
 * `i`.
 */
export function instanceParts(
  app: App,
  index: number,
  settings: Settings,
  secrets: Secrets,
  daprd: string,
): [Part, Part] {
  const ports = shifted(app.ports, index)
  const name = instanceName(app.appId, index)
  const env = instanceEnv(app, index, settings, secrets)
  const [command = '', ...args] = app.command
  const httpPort = env.HTTP_PORT
  const service: Part = {
    name,
    kind: 'app',
    appId: app.appId,
    command: command.startsWith('.') ? join(app.dir, command) : command,
    args,
    cwd: app.dir,
    env,
    ports: { app: ports.app, ...(httpPort === undefined ? {} : { public: Number(httpPort) }) },
    graceMs: 15_000,
    probe: () => probeHttp(`http://127.0.0.1:${ports.app}${app.sidecarOptions.healthPath}`, 200),
  }
  const sidecar: Part = {
    name: `${name}.sidecar`,
    kind: 'sidecar',
    appId: app.appId,
    command: daprd,
    args: sidecarArgs(app, ports, settings),
    cwd: stackPaths(settings).run,
    env: { ...env, ...sidecarIdentity(settings, app.appId) },
    ports: { http: ports.http, grpc: ports.grpc, 'internal gRPC': ports.internalGrpc, metrics: ports.metrics },
    graceMs: 10_000,
    probe: () =>
      probeHttp(`http://127.0.0.1:${ports.http}/v1.0/healthz`, 204, {
        'dapr-api-token': env.DAPR_API_TOKEN ?? '',
      }),
  }
  return [service, sidecar]
}

function shifted(ports: AppPorts, by: number): AppPorts {
  return {
    app: ports.app + by,
    http: ports.http + by,
    grpc: ports.grpc + by,
    internalGrpc: ports.internalGrpc + by,
    metrics: ports.metrics + by,
  }
}

/** The variables that Dapr's CLI sets, the settings of dapr.yaml, and those of this machine. */
function instanceEnv(app: App, index: number, settings: Settings, secrets: Secrets): Record<string, string> {
  const ports = shifted(app.ports, index)
  const httpPort = app.env.HTTP_PORT
  return {
    // `npm start` puts its folders first in PATH; services get the same node however the stack was
    // started.
    PATH: [join(settings.root, 'node_modules/.bin'), dirname(process.execPath), process.env.PATH].join(delimiter),
    ...app.env,
    ...(httpPort === undefined ? {} : { HTTP_PORT: String(Number(httpPort) + index) }),
    ...(settings.s3 ? { STORAGE: 's3', S3_ENDPOINT: `http://127.0.0.1:${s3Port(settings)}` } : {}),
    FANONE_HOME: settings.home,
    RELEASE: releaseOf(settings.root),
    // Stripping types and compiling once is enough for all stacks of a checkout: the next start is
    // quicker by a third.
    NODE_COMPILE_CACHE: join(settings.root, 'node_modules/.cache/compile'),
    APP_ID: app.appId,
    APP_PORT: String(ports.app),
    APP_PROTOCOL: app.sidecarOptions.appProtocol,
    APP_CHANNEL_ADDRESS: '127.0.0.1',
    DAPR_HTTP_PORT: String(ports.http),
    DAPR_GRPC_PORT: String(ports.grpc),
    DAPR_METRICS_PORT: String(ports.metrics),
    DAPR_HOST_IP: '127.0.0.1',
    APP_API_TOKEN: secrets[appToken(app.appId)] ?? '',
    DAPR_API_TOKEN: secrets[sidecarToken(app.appId)] ?? '',
  }
}

function sidecarArgs(app: App, ports: AppPorts, settings: Settings): string[] {
  const options = app.sidecarOptions
  return [
    ['app-id', app.appId],
    ['app-port', ports.app],
    ['app-protocol', options.appProtocol],
    ['app-channel-address', '127.0.0.1'],
    ['dapr-listen-addresses', '127.0.0.1'],
    ['dapr-http-port', ports.http],
    ['dapr-grpc-port', ports.grpc],
    ['dapr-internal-grpc-port', ports.internalGrpc],
    ['dapr-internal-grpc-listen-address', '127.0.0.1'],
    ['metrics-port', ports.metrics],
    ['metrics-listen-address', '127.0.0.1'],
    ['config', renderedPath(settings, app.configFile)],
    ['config', renderedPath(settings, app.accessFile)],
    ...app.resourcesPaths.map((path) => ['resources-path', renderedPath(settings, path)] as const),
    ['enable-mtls', 'true'],
    ['sentry-address', app.env.SENTRY_ADDRESS],
    ['control-plane-trust-domain', trustDomain],
    ['max-body-size', options.maxBodySize],
    ['read-buffer-size', options.readBufferSize],
    ['enable-app-health-check', 'true'],
    ['app-health-check-path', options.healthPath],
    ['app-health-probe-interval', options.healthInterval],
    ['app-health-probe-timeout', options.healthTimeout],
    ['app-health-threshold', options.healthThreshold],
    // Subscriptions are files and there are no actors: daprd need not ask the app for either.
    ['disable-init-endpoints', 'config,subscribe'],
    ['log-level', options.logLevel],
    ['log-as-json', 'true'],
  ].map(([flag, value]) => `--${flag}=${value}`)
}
