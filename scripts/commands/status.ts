import { relative } from 'node:path'
import { parseArgs } from 'node:util'
import { ask } from '../stack/control.ts'
import { type Settings, stackPaths } from '../stack/settings.ts'
import type { PartStatus } from '../stack/supervised.ts'

/** `npm run status`: exit code 0 when every part is healthy, 1 when not, 3 when nothing runs. */
export async function status(settings: Settings, args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { json: { type: 'boolean', default: false } } })
  const reply = await ask(stackPaths(settings).socket, { command: 'status' })
  const parts = reply?.parts ?? []
  if (values.json) console.log(JSON.stringify({ running: reply !== undefined, parts }, null, 2))
  else console.log(reply === undefined ? 'FanOne is not running; start it with npm start' : table(settings, parts))
  if (reply === undefined) return 3
  return parts.length > 0 && parts.every(({ state }) => state === 'healthy') ? 0 : 1
}

function table(settings: Settings, parts: readonly PartStatus[]): string {
  const rows = parts.map((part) => [
    part.part,
    part.lastEnd !== undefined && part.state !== 'healthy' ? `${part.state} (${part.lastEnd})` : part.state,
    Object.entries(part.ports)
      .map(([name, port]) => `${port} ${name}`)
      .join(', '),
    String(part.pid ?? '-'),
    String(part.restarts),
    relative(settings.root, part.log),
  ])
  const all = [['part', 'state', 'ports', 'pid', 'restarts', 'log'], ...rows]
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? []
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
