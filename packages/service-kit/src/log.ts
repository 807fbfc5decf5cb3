import { trace } from '@opentelemetry/api'
import { type Logger, pino } from 'pino'

export type { Logger } from 'pino'

/** JSON lines on standard output; every line inside a request or event carries its trace id. */
export function createLogger(options: { appId: string; level: string }): Logger {
  return pino({
    level: options.level,
    base: { app: options.appId },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: [
        'password',
        'token',
        'accessToken',
        'refreshToken',
        '*.password',
        '*.token',
        '*.accessToken',
        '*.refreshToken',
      ],
      censor: '[redacted]',
    },
    mixin() {
      const traceId = currentTraceId()
      return traceId ? { traceId } : {}
    },
  })
}

/** The current trace id, if telemetry is on. */
export function currentTraceId(): string | undefined {
  return trace.getActiveSpan()?.spanContext().traceId
}
