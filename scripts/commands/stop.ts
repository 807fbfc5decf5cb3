import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { ask } from '../stack/control.ts'
import { endInStages, isRunning, type ProcessRecord, readRecords, writeRecords } from '../stack/processes.ts'
import { type Settings, stackPaths } from '../stack/settings.ts'

/** `npm stop`: ends everything of this FANONE_HOME and waits until it is gone. */
export async function stop(settings: Settings): Promise<number> {
  const count = await stopStack(settings)
  console.log(count === 0 ? 'FanOne is not running' : `Stopped ${count} processes`)
  return 0
}

/** True when processes of an earlier start still run, with or without their supervisor. */
export function hasLeftovers(settings: Settings): boolean {
  return running(settings).length > 0
}

/** What runs, with what a restore that was killed has started. */
function running(settings: Settings): ProcessRecord[] {
  const { processes, restoring } = stackPaths(settings)
  const ofRestore = stackPaths({ ...settings, home: restoring }).processes
  return [processes, ofRestore].flatMap(readRecords).filter(isRunning)
}

/**
 * Stops the stack through its supervisor. If that was killed, finds its processes by pid and start
 * time.
 *
 * @returns how many processes were running
 */
export async function stopStack(settings: Settings): Promise<number> {
  const paths = stackPaths(settings)
  const records = running(settings)
  if (records.length === 0) return 0
  const supervisor = records.find(({ part }) => part === 'supervisor')
  const reply = supervisor === undefined ? undefined : await ask(paths.socket, { command: 'stop' })
  if (supervisor !== undefined && reply !== undefined) await untilGone(supervisor)
  // Nothing is left where the supervisor has ended them itself.
  await endInStages(running(settings))
  if (existsSync(paths.run)) writeRecords(paths.processes, [])
  return records.length
}

async function untilGone(record: ProcessRecord): Promise<void> {
  const deadline = Date.now() + 5_000
  while (isRunning(record) && Date.now() < deadline) await sleep(30)
}
