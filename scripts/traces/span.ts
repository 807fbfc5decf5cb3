/** A span as Zipkin answers it (https://zipkin.io/zipkin-api/); the fields that are read here. */
export interface Span {
  traceId: string
  id: string
  parentId?: string
  kind?: 'CLIENT' | 'SERVER' | 'PRODUCER' | 'CONSUMER'
  name?: string
  /** Begin in microseconds after 1970. */
  timestamp?: number
  /** In microseconds. */
  duration?: number
  localEndpoint?: { serviceName?: string }
  tags?: Record<string, string>
}

/** Everything that sends spans: `gateway` for a service and `gateway.sidecar` for its sidecar. */
export function senderOf(span: Pick<Span, 'localEndpoint' | 'tags'>): string {
  const service = span.localEndpoint?.serviceName ?? 'unknown'
  return span.tags?.['otel.scope.name'] === 'dapr-diagnostics' ? `${service}.sidecar` : service
}
