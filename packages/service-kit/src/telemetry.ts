/**
 * Starts tracing; loaded before anything else by `node --import=@fanone/service-kit/telemetry`, so that the libraries it watches
 * are not loaded yet. Traces go to Zipkin where ZIPKIN_ENDPOINT is set, else wherever the standard OTEL_* variables say; with
 * neither, or with OTEL_SDK_DISABLED=true, nothing is traced.
 */
import type { ClientRequest, IncomingMessage } from 'node:http'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { hostname } from 'node:os'
import { DiagLogLevel, diag } from '@opentelemetry/api'
import { ZipkinExporter } from '@opentelemetry/exporter-zipkin'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { IORedisInstrumentation } from '@opentelemetry/instrumentation-ioredis'
import { MySQL2Instrumentation } from '@opentelemetry/instrumentation-mysql2'
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici'
import { startNodeSdk } from '@opentelemetry/sdk-node'
import { BatchSpanProcessor, ParentBasedSampler } from '@opentelemetry/sdk-trace'
import { readTelemetryConfig } from './config.ts'
import { createLogger } from './log.ts'
import { propagateUnsampled, RootSampler, skipTracingOfUnsampled } from './unsampled.ts'

/** Undefined where they are wrong: `startService` then reports them with everything else. */
const settings = readTelemetryConfig(process.env)
const zipkinEndpoint = settings?.ZIPKIN_ENDPOINT
const isOn = !settings?.OTEL_SDK_DISABLED && Boolean(zipkinEndpoint ?? settings?.OTEL_EXPORTER_OTLP_ENDPOINT)

/** The root decides sampling; children and sidecars follow (W3C Trace Context). */
const share = settings?.TRACE_SAMPLING ?? 1
const sampler = new ParentBasedSampler({ root: new RootSampler(share) })

/** Probes and scrapes of the app port come every few seconds and tell nothing; on the public port the same paths are anybody's. */
const isProbe = (request: IncomingMessage) =>
  (request.url === '/healthz' || request.url === '/metrics') &&
  request.socket.localPort === Number(process.env.APP_PORT)
const quiet = [isProbe]

/**
 * Makes no traces of some requests: for answers so cheap that the trace would cost more. Errors and what is done for many requests
 * at once should be `traced` all the same.
 */
export function leaveUntraced(isQuiet: (request: IncomingMessage) => boolean): void {
  quiet.push(isQuiet)
}

/** The sidecar's own health and the broker's keep-alives are not part of any request. */
const isSidecarProbe = (path: string) => path.startsWith('/v1.0/healthz')

const sdk = isOn
  ? startNodeSdk({
      resourceAttributes: {
        'service.name': process.env.APP_ID ?? 'unknown',
        'service.instance.id': `${hostname()}:${process.env.APP_PORT}`,
      },
      // Zipkin has no resources, so each span would carry twenty lines about host, process and command line.
      resourceDetectors: [],
      // Metrics are Prometheus's and logs go to standard output; the default, OTLP to nobody, makes every stop wait 8 s.
      metricReaders: [],
      logRecordProcessors: [],
      sampler,
      ...(zipkinEndpoint
        ? { spanProcessors: [new BatchSpanProcessor({ exporter: new ZipkinExporter({ url: zipkinEndpoint }) })] }
        : {}),
      instrumentations: [
        new HttpInstrumentation({
          requestHook: (span, request) => {
            if (!isServerRequest(request)) return
            const [path = '', query] = (request.url ?? '').split('?', 2)
            span.updateName(`${request.method} ${path.replace(/\d{6,}|[0-9a-f]{32}/g, '{id}')}`)
            // Compatibility APIs carry tokens and passwords in the query.
            if (query !== undefined) span.setAttribute('url.query', '[redacted]')
            // Where somebody connects from is personal, and the traces are kept and shown without regard to that.
            for (const name of ['client.address', 'network.peer.address']) span.setAttribute(name, '[redacted]')
          },
        }),
        new UndiciInstrumentation({
          ignoreRequestHook: (request) => isSidecarProbe(request.path) || propagateUnsampled(request),
          requireParentforSpans: true,
        }),
        // MikroORM writes the values into the statement: password hashes, names and titles would be in the traces.
        new MySQL2Instrumentation({ maskStatement: true }),
        new IORedisInstrumentation({ requireParentSpan: true, dbStatementSerializer: (command) => command }),
      ],
    })
  : undefined

if (isOn) {
  patchWithoutLoaderHook()
  skipTracingOfUnsampled({ isQuiet: (request) => quiet.some((isQuiet) => isQuiet(request)), share })
  logDiagnostics()
}

/** What OpenTelemetry has to say about itself goes into the log like everything else; it would write plain text. */
function logDiagnostics(): void {
  const log = createLogger({ appId: process.env.APP_ID ?? 'unknown', level: 'warn' })
  const write =
    (level: 'warn' | 'error') =>
    (message: string, ...details: unknown[]) =>
      log[level]({ details }, message)
  const nothing = () => undefined
  diag.setLogger(
    { error: write('error'), warn: write('warn'), info: nothing, debug: nothing, verbose: nothing },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  )
}

/**
 * The instrumentations change functions of CommonJS modules in place, when `require` loads them. Loading them here, once, does for
 * `import` what OpenTelemetry's ESM loader hook would do, without its worker thread and its wrapper around every module: 90 MB and
 * a second of start-up for each service.
 */
function patchWithoutLoaderHook(): void {
  const require = createRequire(import.meta.url)
  for (const name of ['node:http', 'mysql2', 'ioredis']) require(name)
  syncBuiltinESMExports()
}

function isServerRequest(request: ClientRequest | IncomingMessage): request is IncomingMessage {
  return 'httpVersion' in request
}

/** Sends what was traced and not sent yet. */
export async function shutdownTelemetry(): Promise<void> {
  await sdk?.shutdown()
}
