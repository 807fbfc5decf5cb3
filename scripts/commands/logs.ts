import { existsSync, readdirSync } from 'node:fs'
import { execa } from 'execa'
import { type Settings, stackPaths } from '../stack/settings.ts'

/**
 * `npm run logs -- video`: follows a part from its last 50 lines on; without a name, lists the
 * parts.
 */
export async function logs(settings: Settings, args: string[]): Promise<number> {
  const paths = stackPaths(settings)
  const names = existsSync(paths.logs) ? readdirSync(paths.logs).filter((file) => file.endsWith('.log')) : []
  const parts = names.map((file) => file.slice(0, -'.log'.length)).sort()
  const part = args[0]
  if (part === undefined || !parts.includes(part)) {
    console.log(
      parts.length === 0
        ? 'There are no logs yet'
        : `npm run logs -- <part>, where part is one of\n  ${parts.join('\n  ')}`,
    )
    return part === undefined ? 0 : 1
  }
  const { exitCode } = await execa('tail', ['-n', '50', '-F', paths.log(part)], { stdio: 'inherit', reject: false })
  return exitCode ?? 0
}
