/**
 * Starts tracing. Loaded first (`node --import=@fanone/service-kit/telemetry`), before the
 * libraries that it instruments. Traces go to Zipkin if ZIPKIN_ENDPOINT is set, else wherever the
 * standard OTEL_* variables say; without either, or with OTEL_SDK_DISABLED=true, there are none.
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
import { propagateUnsampled, RootSampler, skipTracingOfUnsampled, TraceBudget } from './unsampled.ts'

/** Undefined where they are wrong: `startService` then reports them with everything else. */
const settings = readTelemetryConfig(process.env)
const zipkinEndpoint = settings?.ZIPKIN_ENDPOINT
const isOn = !settings?.OTEL_SDK_DISABLED && Boolean(zipkinEndpoint ?? settings?.OTEL_EXPORTER_OTLP_ENDPOINT)

/** The root decides sampling; children and sidecars follow (W3C Trace Context). */
const budget = new TraceBudget({ perSecond: settings?.TRACES_PER_SECOND ?? 0, share: settings?.TRACE_SAMPLING ?? 0 })
const sampler = new ParentBasedSampler({ root: new RootSampler(budget) })

/** Probes and scrapes of the app port, not the same paths on the public port. */
const isProbe = (request: IncomingMessage) =>
  (request.url === '/healthz' || request.url === '/metrics') &&
  request.socket.localPort === Number(process.env.APP_PORT)
const quiet = [isProbe]

/**
 * Excludes requests from tracing whose answers cost less than a trace. Wrap errors and work for
 * many requests in `traced`.
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
      // Zipkin has no resources: each span would repeat twenty lines about host, process and
      // command line.
      resourceDetectors: [],
      // Metrics go to Prometheus, logs to standard output; the default (OTLP) delays each stop by 8
      // s.
      metricReaders: [],
      logRecordProcessors: [],
      sampler,
      ...(zipkinEndpoint
        ? {
            spanProcessors: [
              new BatchSpanProcessor({
                exporter: new ZipkinExporter({ url: zipkinEndpoint }),
                scheduledDelayMillis: settings?.OTEL_BSP_SCHEDULE_DELAY,
              }),
            ],
          }
        : {}),
      instrumentations: [
        new HttpInstrumentation({
          requestHook: (span, request) => {
            if (!isServerRequest(request)) return
            const [path = '', query] = (request.url ?? '').split('?', 2)
            span.updateName(`${request.method} ${path.replace(/\d{6,}|[0-9a-f]{32}/g, '{id}')}`)
            // Compatibility APIs carry tokens and passwords in the query.
            if (query !== undefined) span.setAttribute('url.query', '[redacted]')
            // Addresses are personal data.
            for (const name of ['client.address', 'network.peer.address']) span.setAttribute(name, '[redacted]')
          },
        }),
        new UndiciInstrumentation({
          ignoreRequestHook: (request) => isSidecarProbe(request.path) || propagateUnsampled(request),
          requireParentforSpans: true,
        }),
        // MikroORM inlines values: password hashes, names and titles would be in the traces.
        new MySQL2Instrumentation({ maskStatement: true }),
        new IORedisInstrumentation({ requireParentSpan: true, dbStatementSerializer: (command) => command }),
      ],
    })
  : undefined

if (isOn) {
  patchWithoutLoaderHook()
  skipTracingOfUnsampled({ isQuiet: (request) => quiet.some((isQuiet) => isQuiet(request)), budget })
  logDiagnostics()
}

/** Logs OpenTelemetry's own messages as JSON; it would write plain text. */
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
 * Instrumentations patch CommonJS modules when `require` loads them. Loading them here replaces
 * OpenTelemetry's ESM loader hook, which costs 90 MB and a second of start-up per service.
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
