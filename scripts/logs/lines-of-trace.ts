import { createReadStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'

interface Line {
  /** As it was logged, ISO 8601. */
  time: string
  text: string
}

/**
 * Finds what parts have logged with a trace id, in this and the previous run.
 *
 * @param fileOf the log of a part
 * @returns `time part level message {the rest}` for each line, in the order of time
 */
export async function linesOfTrace(
  fileOf: (part: string) => string,
  parts: readonly string[],
  traceId: string,
): Promise<string[]> {
  const found: Line[] = []
  for (const part of parts)
    for (const file of [`${fileOf(part)}.1`, fileOf(part)])
      if (existsSync(file)) found.push(...(await linesWith(file, part, traceId)))
  return found.sort((a, b) => a.time.localeCompare(b.time)).map(({ text }) => text)
}

async function linesWith(file: string, part: string, traceId: string): Promise<Line[]> {
  const found: Line[] = []
  for await (const line of createInterface({ input: createReadStream(file, 'utf8') }))
    if (line.includes(traceId)) found.push(toLine(part, line))
  return found
}

function toLine(part: string, line: string): Line {
  const { time, level, msg, app: _app, traceId: _traceId, ...rest } = readJson(line) ?? { msg: line }
  const details = Object.keys(rest).length === 0 ? '' : JSON.stringify(rest)
  const words = [time, part, level, msg, details].filter((word) => word !== undefined && word !== '')
  return { time: String(time ?? ''), text: words.join('  ') }
}

function readJson(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return undefined
  }
}
