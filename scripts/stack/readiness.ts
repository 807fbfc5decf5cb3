import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { ask } from './control.ts'
import { type Settings, stackPaths } from './settings.ts'
import type { PartStatus } from './supervised.ts'

/** A part that ended this often at a start will not come up. */
const restartsAllowed = 3
const logLinesShown = 20

/** True when a supervisor answers for this FANONE_HOME. */
export async function isUp(settings: Settings): Promise<boolean> {
  return (await ask(stackPaths(settings).socket, { command: 'status' })) !== undefined
}

/**
 * Waits until every chosen part is healthy.
 *
 * @param onProgress receives the names of the parts it still waits for, whenever they change
 * @throws Error with the end of a part's log when it keeps ending or the time is over
 */
export async function untilHealthy(
  settings: Settings,
  isChosen: (part: string) => boolean,
  timeoutMs: number,
  onProgress: (waitingFor: string[]) => void = () => {},
): Promise<void> {
  const deadline = Date.now() + timeoutMs
  const restartsBefore = new Map<string, number>()
  let told = ''
  for (;;) {
    const reply = await ask(stackPaths(settings).socket, { command: 'status' })
    if (reply === undefined)
      throw new Error(`The supervisor is gone.\n${endOfLog(stackPaths(settings).log('supervisor'))}`)
    const chosen = reply.parts.filter(({ part }) => isChosen(part))
    for (const { part, restarts } of chosen) if (!restartsBefore.has(part)) restartsBefore.set(part, restarts)
    const waitingFor = chosen.filter(({ state }) => state !== 'healthy')
    if (waitingFor.length === 0) return
    const failing = waitingFor.find(
      ({ part, restarts }) => restarts - (restartsBefore.get(part) ?? 0) >= restartsAllowed,
    )
    if (failing !== undefined) throw new Error(failureOf(failing, `keeps ending (${failing.lastEnd})`))
    const first = waitingFor[0]
    if (first !== undefined && Date.now() > deadline)
      throw new Error(failureOf(first, `is not ready after ${timeoutMs / 1000} s`))
    const names = waitingFor.map(({ part }) => part)
    if (names.join() !== told) onProgress(names)
    told = names.join()
    await sleep(100)
  }
}

function failureOf(part: PartStatus, what: string): string {
  return `${part.part} ${what}. The end of ${part.log}:\n${endOfLog(part.log)}`
}

function endOfLog(file: string): string {
  try {
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    return lines.slice(-logLinesShown).join('\n')
  } catch {
    return '(no log)'
  }
}
