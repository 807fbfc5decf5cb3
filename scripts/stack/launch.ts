import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isUp } from './readiness.ts'
import { type Settings, stackPaths } from './settings.ts'
import { type Launch, launchFile } from './stack.ts'
import { writePrivate } from './write-private.ts'

const supervisorTimeoutMs = 15_000

/** Passes the launch to the supervisor, starting it if necessary, and waits until it answers. */
export async function launchSupervisor(settings: Settings, launch: Launch, isRunning: boolean): Promise<void> {
  const paths = stackPaths(settings)
  for (const folder of [settings.home, paths.run, paths.logs, paths.data])
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  writePrivate(launchFile(settings), JSON.stringify(launch, null, 2))
  if (isRunning) return
  const log = openSync(paths.log('supervisor'), 'a', 0o600)
  const child = spawn(process.execPath, [join(import.meta.dirname, 'supervisor.ts')], {
    cwd: settings.root,
    stdio: ['ignore', log, log],
    detached: true,
  })
  child.unref()
  closeSync(log)
  const deadline = Date.now() + supervisorTimeoutMs
  while (!(await isUp(settings))) {
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(`The supervisor did not start; see ${paths.log('supervisor')}`)
    await sleep(50)
  }
}
