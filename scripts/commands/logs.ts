import { existsSync, readdirSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { execa } from 'execa'
import { linesOfTrace } from '../logs/lines-of-trace.ts'
import { type Settings, stackPaths } from '../stack/settings.ts'
import { readTraceId } from './trace.ts'

/**
 * `npm run logs -- video`: follows a part from its last 50 lines on; without a name, lists the
 * parts. `npm run logs -- --trace <id>`: what all parts have logged for one request.
 */
export async function logs(settings: Settings, args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args, options: { trace: { type: 'string' } }, allowPositionals: true })
  const paths = stackPaths(settings)
  const parts = partsWithLogs(paths.logs)
  if (parts.length === 0) {
    console.log('There are no logs yet')
    return 0
  }
  if (values.trace !== undefined) return printTrace(paths.log, parts, values.trace)
  const [part] = positionals
  if (part === undefined || !parts.includes(part)) {
    console.log(`npm run logs -- <part>, where part is one of\n  ${parts.join('\n  ')}`)
    return part === undefined ? 0 : 1
  }
  const { exitCode } = await execa('tail', ['-n', '50', '-F', paths.log(part)], { stdio: 'inherit', reject: false })
  return exitCode ?? 0
}

function partsWithLogs(folder: string): string[] {
  const files = existsSync(folder) ? readdirSync(folder) : []
  return files.flatMap((file) => (file.endsWith('.log') ? [file.slice(0, -'.log'.length)] : [])).sort()
}

async function printTrace(fileOf: (part: string) => string, parts: string[], text: string): Promise<number> {
  const id = readTraceId(text)
  if (id === undefined) {
    console.error('A trace id is 32 hexadecimal digits; errors and log lines name theirs as traceId')
    return 2
  }
  const lines = await linesOfTrace(fileOf, parts, id)
  for (const line of lines) console.log(line)
  if (lines.length > 0) return 0
  console.error(`There are no logs with the trace ${id}`)
  return 1
}
