import { setTimeout as sleep } from 'node:timers/promises'
import type { Part } from '../stack/part.ts'
import { type ProcessRecord, recordOf, writeRecords } from '../stack/processes.ts'
import { type Settings, stackPaths } from '../stack/settings.ts'
import { Supervised } from '../stack/supervised.ts'

const HEALTHY_MS = 90_000

/** Notes this process as what runs in a home, so that `npm stop` and other commands find it. */
export function recordOwnCommand(settings: Settings, name: string, others: readonly ProcessRecord[] = []): void {
  const own = recordOf({ name, kind: 'command' }, process.pid)
  writeRecords(stackPaths(settings).processes, own ? [own, ...others] : others)
}

/**
 * Runs parts of a stack for as long as `work` takes, without a supervisor.
 *
 * @throws Error naming the log of a part that does not become healthy; what `work` throws
 */
export async function withParts<Result>(
  settings: Settings,
  parts: readonly Part[],
  work: () => Promise<Result>,
): Promise<Result> {
  let isOver = false
  const onChange = () => {
    if (isOver) return // the last of them is told of late, and its home may be gone by then
    const records = running.map(({ record }) => record).filter((record) => record !== undefined)
    recordOwnCommand(settings, 'restore', records)
  }
  const running: Supervised[] = []
  for (const part of parts)
    running.push(new Supervised({ part, logFile: stackPaths(settings).log(part.name), onChange }))
  try {
    for (const one of running) one.start()
    await healthy(running)
    return await work()
  } finally {
    for (const one of running) await one.stop()
    isOver = true
  }
}

async function healthy(parts: readonly Supervised[]): Promise<void> {
  const deadline = Date.now() + HEALTHY_MS
  for (;;) {
    const waitingFor = parts.map(({ status }) => status).find(({ state }) => state !== 'healthy')
    if (!waitingFor) return
    if (Date.now() > deadline) throw new Error(`${waitingFor.part} is not ready; see ${waitingFor.log}`)
    await sleep(100)
  }
}
