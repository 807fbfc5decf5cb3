import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Part } from './part.ts'
import { isRunning } from './processes.ts'
import { Supervised } from './supervised.ts'

describe('a supervised part', () => {
  let dir = ''
  let supervised: Supervised
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'fanone-part-'))
    supervised = new Supervised({ part: sleeper(), logFile: join(dir, 'part.log'), onChange: () => {} })
  })
  afterEach(async () => {
    await supervised.stop()
    rmSync(dir, { recursive: true })
  })

  function sleeper(): Part {
    const rest = { ports: {}, env: {}, cwd: dir, graceMs: 1_000, probe: async () => {} }
    return { name: 'sleeper', kind: 'infra', command: 'sleep', args: ['60'], ...rest }
  }
  const untilHealthy = () => vi.waitFor(() => expect(supervised.status.state).toBe('healthy'), { timeout: 3_000 })

  it('comes back with a new process after a kill, and counts it', async () => {
    supervised.start()
    await untilHealthy()
    const before = supervised.record
    process.kill(before?.pid ?? 0, 'SIGKILL')
    await vi.waitFor(() => expect(supervised.status.restarts).toBe(1))
    await untilHealthy()
    expect(supervised.record?.pid).not.toBe(before?.pid)
    expect(supervised.status.lastEnd).toBe('SIGKILL')
  })

  it('stays away after a stop', async () => {
    supervised.start()
    await untilHealthy()
    const record = supervised.record
    await supervised.stop()
    expect(supervised.status).toMatchObject({ state: 'stopped', restarts: 0 })
    expect(record && isRunning(record)).toBe(false)
  })
})
