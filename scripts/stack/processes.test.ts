import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { endInStages, endProcesses, isRunning, type ProcessRecord, recordOf, signalGroup } from './processes.ts'

function sleeper(script = 'sleep 60', kind: ProcessRecord['kind'] = 'app') {
  const child = spawn('sh', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] })
  const record = recordOf({ name: 'sleeper', kind }, child.pid ?? 0)
  if (record === undefined) throw new Error('the sleeper did not start')
  return { child, record }
}

it('a process is known by its pid and its start time', async () => {
  const { child, record } = sleeper()
  expect(isRunning(record)).toBe(true)
  await endProcesses([record], 1_000)
  expect(isRunning(record)).toBe(false)
  expect(child.pid).toBe(record.pid)
})

it('a later process with the same pid is neither taken for it nor ended', async () => {
  const { child, record } = sleeper()
  const earlier = { ...record, startTime: '1' }
  expect(isRunning(earlier)).toBe(false)
  await endProcesses([earlier], 1_000)
  expect(isRunning(record)).toBe(true)
  signalGroup(record.pid, 'SIGKILL')
  await once(child, 'exit')
})

it('a process that ignores SIGTERM is killed after its time', async () => {
  const { child, record } = sleeper('trap "" TERM; echo ready; while :; do sleep 1; done')
  await once(child.stdout, 'data')
  await endProcesses([record], 200)
  expect(isRunning(record)).toBe(false)
})

it('services end before sidecars, and both before the infrastructure, whatever its parts are called', async () => {
  const ended: string[] = []
  const exits: Promise<unknown>[] = []
  const records = await Promise.all(
    (['infra', 'sidecar', 'app'] as const).map(async (kind) => {
      const { child, record } = sleeper('trap "sleep 0.1; exit" TERM; echo ready; while :; do sleep 0.02; done', kind)
      exits.push(once(child, 'exit').then(() => ended.push(kind)))
      await once(child.stdout, 'data')
      return record
    }),
  )
  await endInStages(records)
  await Promise.all(exits)
  expect(ended).toEqual(['app', 'sidecar', 'infra'])
})
