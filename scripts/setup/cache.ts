import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isRunning, type ProcessRecord, recordOf } from '../stack/processes.ts'

/**
 * Returns the folder `<cache>/<name>`, made by `fill` if it is missing. It is filled under another
 * name and renamed, so an existing folder is complete. Two checkouts that want the same folder wait
 * for each other.
 *
 * @param onWait called with the id of the other process while that fills the folder
 */
export async function cached(
  cache: string,
  name: string,
  fill: (folder: string) => Promise<void>,
  onWait: (pid: number) => void = () => {},
): Promise<string> {
  const folder = join(cache, name)
  if (existsSync(folder)) return folder
  const unlock = await lock(`${folder}.lock`, onWait)
  try {
    if (existsSync(folder)) return folder
    const unfinished = `${folder}.new`
    rmSync(unfinished, { recursive: true, force: true })
    mkdirSync(unfinished, { recursive: true })
    await fill(unfinished)
    renameSync(unfinished, folder)
    return folder
  } finally {
    unlock()
  }
}

/** Takes a lock file, waiting while the process that holds it lives. Returns what gives it back. */
async function lock(file: string, onWait: (pid: number) => void): Promise<() => void> {
  mkdirSync(dirname(file), { recursive: true })
  while (!take(file)) {
    const holder = readHolder(file)
    if (holder !== undefined && isRunning(holder)) {
      onWait(holder.pid)
      await sleep(500)
    } else {
      rmSync(file, { force: true })
    }
  }
  return () => rmSync(file, { force: true })
}

function take(file: string): boolean {
  try {
    writeFileSync(file, JSON.stringify(recordOf({ name: 'setup', kind: 'command' }, process.pid)), { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function readHolder(file: string): ProcessRecord | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessRecord
  } catch {
    return undefined
  }
}
