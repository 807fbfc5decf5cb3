import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cached } from './cache.ts'

describe('the cache', () => {
  let cache = ''
  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), 'fanone-cache-'))
  })
  afterEach(() => rmSync(cache, { recursive: true }))

  it('fills a folder once, also when two ask at the same time', async () => {
    let fills = 0
    const fill = async (folder: string) => {
      fills++
      await sleep(100)
      writeFileSync(join(folder, 'program'), '')
    }
    const [first, second] = await Promise.all([cached(cache, 'tool-1', fill), cached(cache, 'tool-1', fill)])
    expect([fills, first === second, existsSync(join(first, 'program'))]).toEqual([1, true, true])
  })

  it('shows no folder after a failure, and fills it at the next try', async () => {
    const failing = cached(cache, 'tool-1', async (folder) => {
      writeFileSync(join(folder, 'half'), '')
      throw new Error('interrupted')
    })
    await expect(failing).rejects.toThrow('interrupted')
    expect(existsSync(join(cache, 'tool-1'))).toBe(false)
    const folder = await cached(cache, 'tool-1', async (target) => writeFileSync(join(target, 'whole'), ''))
    expect(readdirSync(folder)).toEqual(['whole'])
  })

  it('does not wait for a process that is gone', async () => {
    writeFileSync(join(cache, 'tool-1.lock'), JSON.stringify({ part: 'setup', pid: process.pid, startTime: '1' }))
    const folder = await cached(cache, 'tool-1', async () => {})
    expect(existsSync(folder)).toBe(true)
  })
})
