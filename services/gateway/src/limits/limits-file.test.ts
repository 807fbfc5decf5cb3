import { mkdtemp, rm, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger } from '@fanone/service-kit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startTestGateway } from '../testing/test-gateway.ts'
import { LimitsFile, type LimitValues } from './limits-file.ts'

let folder: string
let path: string
let applied: LimitValues[]
let complaints: string[]
let file: LimitsFile
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'limits-'))
  path = join(folder, 'limits.json')
  applied = []
  complaints = []
  const log = createLogger({ appId: 'test', level: 'silent' })
  log.error = ((said: { problem: string }) => complaints.push(said.problem)) as never
  file = new LimitsFile({ path, apply: (values) => applied.push(values), log })
})
afterEach(() => rm(folder, { recursive: true }))

const say = async (content: string) => {
  await writeFile(path, content)
  await file.read()
}

describe('the file of limits', () => {
  it('counts each time that it says something else, and may be missing', async () => {
    await file.read()
    await say('{"routeConcurrency": 10}')
    await file.read()
    await say('{"routeConcurrency": 20, "ratesPerMinute": {"read": 5}}')
    await unlink(path)
    await file.read()
    expect(applied).toEqual([{ routeConcurrency: 10 }, { routeConcurrency: 20, ratesPerMinute: { read: 5 } }])
    expect(complaints).toEqual([])
  })

  it.each([
    ['', /JSON/],
    ['{', /JSON/],
    ['[]', /expected object/],
    ['{"routeConcurency": 10}', /routeConcurency/],
    ['{"routeConcurrency": 0}', /routeConcurrency/],
    ['{"routeConcurrency": "10"}', /routeConcurrency/],
    ['{"ratesPerMinute": {"reads": 5}}', /reads/],
  ])('%j is refused with what is wrong, once, and the old limits stay', async (bad, problem) => {
    await say('{"routeConcurrency": 10}')
    await say(bad)
    await file.read()
    expect(applied).toEqual([{ routeConcurrency: 10 }])
    expect(complaints).toEqual([expect.stringMatching(problem)])
    await say('{"routeConcurrency": 30}')
    expect(applied.at(-1)).toEqual({ routeConcurrency: 30 })
  })

  it('is followed while the gateway runs', async () => {
    file.start()
    await writeFile(path, '{"eventStreams": 7}')
    await expect.poll(() => applied, { timeout: 20_000 }).toEqual([{ eventStreams: 7 }])
    await file.stop()
  })
})

describe('limits that change', () => {
  vi.setConfig({ testTimeout: 30_000 })
  const waiting: (() => void)[] = []
  const getMany = () => new Promise((answer) => waiting.push(() => answer({ items: [] })))
  const letGo = () => {
    for (const go of waiting.splice(0)) go()
  }

  it('count for requests from then on, and are as before once the file says nothing of them', async () => {
    const gateway = await startTestGateway({ user: { profiles: { getMany } } }, { RATE_LIMIT_FACTOR: '1' })
    const get = async (id: number) => (await fetch(`${gateway.url}/v1/users/${id}`)).status
    try {
      gateway.applyLimits({ routeConcurrency: 1 })
      const first = get(1)
      await expect.poll(() => waiting.length, { timeout: 20_000 }).toBe(1)
      expect(await get(2)).toBe(503)
      letGo()
      expect(await first).toBe(404)
      gateway.applyLimits({ ratesPerMinute: { read: 1 } })
      const lettingGo = setInterval(letGo, 5)
      expect([await get(3), await get(4)]).toEqual([404, 429])
      gateway.applyLimits({})
      expect(await Promise.all([get(5), get(6), get(7)])).toEqual([404, 404, 404])
      clearInterval(lettingGo)
    } finally {
      await gateway.stop()
    }
  })
})
