import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type CpuProfile, selfTimes } from '../../scripts/profile/cpu-profile.ts'
import { portHolder } from '../../scripts/stack/ports.ts'
import { apiUrl, cli, eventually, part, root } from '../support/stack.ts'

let output: string
beforeEach(async () => {
  output = await mkdtemp(join(tmpdir(), 'fanone-profile-'))
})
afterEach(() => rm(output, { recursive: true, force: true }))

/** What the service has written to its log since `from`, in bytes. */
const logSince = async (from: number) => (await readFile((await part('gateway')).log)).subarray(from).toString()
const logSize = async () => (await stat((await part('gateway')).log)).size

describe('the profile of a running service', () => {
  test('shows the functions of our own files by name and line, whatever Node made of the TypeScript', async () => {
    const stopAsking = askForFeeds()
    const { exitCode, all } = await cli('profile', 'gateway', '--seconds', '2', '--output', output)
    await stopAsking()
    expect(exitCode, all).toBe(0)
    const [cpuProfile = '', ...others] = await readdir(output)
    expect(cpuProfile).toMatch(/^gateway-.*\.cpuprofile$/)
    expect(others).toEqual([])
    expect(all).toContain(`npx speedscope`)
    const line = await lineOf('packages/service-kit/src/http.ts', 'export const measureRequests')
    const profile = JSON.parse(await readFile(join(output, cpuProfile), 'utf8')) as CpuProfile
    // As if each had been at work once: which of them a sample meets is chance.
    const samples = profile.nodes.map(({ id }) => id)
    const everybody = { ...profile, samples, timeDeltas: [...samples, 0].map(() => 1) }
    const names = selfTimes(everybody, root).functions.map(([name]) => name)
    expect(names).toContain(`measureRequests packages/service-kit/src/http.ts:${line}`)
  })

  test('a heap snapshot only its owner can read, because secrets are in it', async () => {
    const { exitCode, all } = await cli('profile', 'gateway', '--heap', '--output', output)
    expect(exitCode, all).toBe(0)
    const [file = ''] = await readdir(output)
    expect(file).toMatch(/^gateway-.*\.heapsnapshot$/)
    expect((await stat(join(output, file))).mode & 0o077).toBe(0)
  })

  test('leaves nothing open and little in the log, again and again', async () => {
    const before = await logSize()
    for (let round = 0; round < 2; round++) {
      const { exitCode, all } = await cli('profile', 'gateway', '--seconds', '0.1', '--output', output)
      expect(exitCode, all).toBe(0)
    }
    const written = await logSince(before)
    const ports = [...written.matchAll(/ws:\/\/127\.0\.0\.1:(\d+)\//g)].map(([, port]) => Number(port))
    expect(ports).toHaveLength(2)
    expect(ports.map(portHolder)).toEqual([undefined, undefined])
    expect(written.split('\n').filter((line) => line !== '' && !line.startsWith('{')).length).toBeLessThanOrEqual(6)
  })

  test('one that is interrupted keeps what it has and closes the inspector; after one that was killed the next one does', async () => {
    const before = await logSize()
    const start = () => cli('profile', 'gateway', '--seconds', '60', '--output', output)
    const killed = start()
    await watching(killed)
    killed.kill('SIGKILL')
    await killed
    const interrupted = start()
    await watching(interrupted)
    interrupted.kill('SIGINT')
    expect((await interrupted).exitCode).toBe(0)
    expect((await readdir(output)).filter((name) => name.endsWith('.cpuprofile'))).toHaveLength(1)
    const [, port] = /ws:\/\/127\.0\.0\.1:(\d+)\//.exec(await logSince(before)) ?? []
    expect(portHolder(Number(port))).toBeUndefined()
  })
})

/** Waits until a profile has begun. */
async function watching(profile: ReturnType<typeof cli>): Promise<void> {
  let told = ''
  profile.all.on('data', (chunk) => {
    told += chunk
  })
  await eventually(() => told.includes('Watching'), { what: 'a profile' })
}

/** Keeps the gateway at work. @returns what ends it */
function askForFeeds(): () => Promise<void> {
  let isAsking = true
  const asking = (async () => {
    while (isAsking) await (await fetch(`${apiUrl}/v1/feeds/newest`)).text()
  })()
  return () => {
    isAsking = false
    return asking
  }
}

/** The number of the first line with this text, as an editor counts. */
async function lineOf(path: string, text: string): Promise<number> {
  const lines = (await readFile(join(root, path), 'utf8')).split('\n')
  return lines.findIndex((line) => line.includes(text)) + 1
}
