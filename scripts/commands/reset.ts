import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { parseArgs } from 'node:util'
import { type Settings, stackPaths } from '../stack/settings.ts'
import { stopStack } from './stop.ts'

/** `npm run reset`: deletes everything this installation keeps, after asking. */
export async function reset(settings: Settings, args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { yes: { type: 'boolean', default: false } } })
  const kept = ['data', 'secrets', 'logs', 'run', 'sensitive-words.txt', ...leftByRestores(settings)]
    .map((name) => join(settings.home, name))
    .filter((path) => existsSync(path))
  if (kept.length === 0) {
    console.log(`There is nothing to delete in ${settings.home}`)
    return 0
  }
  const lines = kept.map((path) => `  ${path}  ${(sizeOf(path) / 1e6).toFixed(1)} MB`)
  console.log(`This deletes all data, and the secrets too because the databases know no others:\n${lines.join('\n')}`)
  if (!values.yes && !(await confirm())) return 1
  const { socket } = stackPaths(settings)
  await stopStack(settings)
  for (const path of [...kept, socket]) rmSync(path, { recursive: true, force: true })
  console.log('Deleted')
  return 0
}

/** Backups are none of them: they are there for the day when everything else is gone. */
function leftByRestores({ home }: Settings): string[] {
  const names = existsSync(home) ? readdirSync(home) : []
  return names.filter((name) => name === 'restoring' || name.startsWith('before-restore-'))
}

async function confirm(): Promise<boolean> {
  if (!process.stdin.isTTY) {
    console.error('Nothing was deleted; say npm run reset -- --yes to do it without a question')
    return false
  }
  const lines = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await lines.question('Delete? [y/N] ')
  lines.close()
  return /^y(es)?$/i.test(answer.trim())
}

function sizeOf(path: string): number {
  if (!statSync(path).isDirectory()) return diskUse(path)
  const names = readdirSync(path, { recursive: true }) as string[]
  return names.reduce((sum, name) => sum + diskUse(join(path, name)), 0)
}

/** What a file takes on disk; some of the databases' files are mostly holes. */
function diskUse(file: string): number {
  const statBlockBytes = 512
  return (statSync(file, { throwIfNoEntry: false })?.blocks ?? 0) * statBlockBytes
}
