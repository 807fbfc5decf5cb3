/**
 * Starts tracing; loaded before anything else by `node --import=@fanone/service-kit/telemetry`, so that the libraries it watches
 * are not loaded yet. Traces go to Zipkin where ZIPKIN_ENDPOINT is set, else wherever the standard OTEL_* variables say; with
 * neither, or with OTEL_SDK_DISABLED=true, nothing is traced.
 */
import type { ClientRequest, IncomingMessage } from 'node:http'
import { register } from 'node:module'
import { ZipkinExporter } from '@opentelemetry/exporter-zipkin'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { IORedisInstrumentation } from '@opentelemetry/instrumentation-ioredis'
import { MySQL2Instrumentation } from '@opentelemetry/instrumentation-mysql2'
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici'
import { startNodeSdk } from '@opentelemetry/sdk-node'
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace'

const zipkinEndpoint = process.env.ZIPKIN_ENDPOINT
const isOn =
  process.env.OTEL_SDK_DISABLED !== 'true' && Boolean(zipkinEndpoint || process.env.OTEL_EXPORTER_OTLP_ENDPOINT)

/** Probes and scrapes come every few seconds and tell nothing. */
const isProbe = (request: IncomingMessage) => request.url === '/healthz' || request.url === '/metrics'

/** The sidecar's own health and the broker's keep-alives are not part of any request. */
const isSidecarProbe = (path: string) => path.startsWith('/v1.0/healthz')

if (isOn) register('@opentelemetry/instrumentation/hook.mjs', import.meta.url)

const sdk = isOn
  ? startNodeSdk({
      resourceAttributes: { 'service.name': process.env.APP_ID ?? 'unknown' },
      ...(zipkinEndpoint
        ? { spanProcessors: [new BatchSpanProcessor({ exporter: new ZipkinExporter({ url: zipkinEndpoint }) })] }
        : {}),
      instrumentations: [
        new HttpInstrumentation({
          ignoreIncomingRequestHook: isProbe,
          requestHook: (span, request) => {
            if (isServerRequest(request))
              span.updateName(
                `${request.method} ${request.url?.split('?')[0]?.replace(/\d{6,}|[0-9a-f]{32}/g, '{id}')}`,
              )
          },
        }),
        new UndiciInstrumentation({
          ignoreRequestHook: (request) => isSidecarProbe(request.path),
          requireParentforSpans: true,
        }),
        new MySQL2Instrumentation(),
        new IORedisInstrumentation({ requireParentSpan: true, dbStatementSerializer: (command) => command }),
      ],
    })
  : undefined

function isServerRequest(request: ClientRequest | IncomingMessage): request is IncomingMessage {
  return 'httpVersion' in request
}

/** Sends what was traced and not sent yet. */
export async function shutdownTelemetry(): Promise<void> {
  await sdk?.shutdown()
}
