import { requireRunning } from '../stack/control.ts'
import { readManifest } from '../stack/manifest.ts'
import { type Settings, stackPaths } from '../stack/settings.ts'
import type { Span } from '../traces/span.ts'
import { drawTrace } from '../traces/tree.ts'

const USAGE = 'npm run trace -- <id>, the traceId of an error or of a log line: 32 hexadecimal digits, or a traceparent'
const ABSENT =
  'Zipkin has no such trace: its request was not sampled (TRACES_PER_SECOND, TRACE_SAMPLING), its spans are on their way (5 s), or it is older than the 60,000 spans that are kept. npm run logs -- --trace <id> finds what was logged.'

/** `npm run trace -- <id>`: draws a trace as a tree. */
export async function trace(settings: Settings, args: string[]): Promise<number> {
  await requireRunning(stackPaths(settings).socket)
  const id = args.length === 1 ? readTraceId(String(args[0])) : undefined
  if (id === undefined) {
    console.error(USAGE)
    return 2
  }
  const { zipkin } = readManifest(settings).infraPorts
  const response = await fetch(`http://127.0.0.1:${zipkin}/api/v2/trace/${id}`)
  if (response.status === 404) {
    console.error(ABSENT)
    return 1
  }
  if (!response.ok) throw new Error(`Zipkin answers ${response.status}; npm run logs -- zipkin may say why`)
  for (const line of drawTrace((await response.json()) as Span[])) console.log(line)
  console.log(`http://127.0.0.1:${zipkin}/zipkin/traces/${id}`)
  return 0
}

/** The id in a trace id or in a traceparent (W3C Trace Context). */
export function readTraceId(text: string): string | undefined {
  return /^(?:00-)?([0-9a-f]{32})(?:-[0-9a-f]{16}-[0-9a-f]{2})?$/i.exec(text)?.[1]?.toLowerCase()
}
