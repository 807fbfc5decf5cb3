import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createSandbox, type Sandbox } from './sandbox.ts'
import { sandboxedPids } from './usage.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const programs = [{ program: 'ffmpeg', args: ['-version'] }]
let folder: string
let work: string
let sandbox: Sandbox

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'fanone-sandbox-')))
  work = join(folder, 'work')
  sandbox = await createSandbox({ folder: work, programs })
})
afterAll(() => rm(folder, { recursive: true }))

const endless = ['-v', 'error', '-nostdin', '-f', 'lavfi', '-i', 'testsrc2=size=640x480']
const limits = { program: 'ffmpeg', cpuSeconds: 20, timeoutMs: 30_000, maxOutputBytes: 1_000_000 } as const

/** What a program says, whether it ends well or not. */
const saidBy = (args: string[]) =>
  sandbox.run({ ...limits, args }).then(
    (output) => output.stderr,
    (error: Error) => error.message,
  )

test('a program is stopped when it uses too much CPU', async () => {
  const run = sandbox.run({ ...limits, args: [...endless, '-f', 'null', '-'], cpuSeconds: 1 })
  await expect(run).rejects.toMatchObject({ limit: 'CPU' })
})

test('a program is stopped when it takes too long, and leaves no process', async () => {
  const run = sandbox.run({ ...limits, args: ['-re', ...endless, '-f', 'null', '-'], timeoutMs: 1_000 })
  await expect.poll(() => sandboxedPids(work)).toHaveLength(1)
  await expect(run).rejects.toMatchObject({ limit: 'time' })
  expect(await sandboxedPids(work)).toEqual([])
})

test('a program is stopped when it says too much', async () => {
  const run = sandbox.run({ ...limits, args: [...endless, '-f', 'rawvideo', 'pipe:1'] })
  await expect(run).rejects.toMatchObject({ limit: 'output' })
})

test('a program cannot take more memory than it may', async () => {
  const huge = ['-v', 'error', '-f', 'lavfi', '-i', 'color=size=16000x16000', '-frames:v', '3', '-f', 'null', '-']
  expect(await saidBy(huge)).toContain('Cannot allocate memory')
})

test('a program can write no file, neither elsewhere nor where it runs', async () => {
  for (const target of [join(folder, 'written.png'), 'written.png']) {
    const run = sandbox.run({ ...limits, args: [...endless, '-frames:v', '1', target] })
    await expect(run).rejects.toThrow()
  }
  expect(await readFile(join(folder, 'written.png')).catch(() => Buffer.alloc(0))).toHaveLength(0)
  expect(await readdir(work)).toEqual([])
})

test('a program meets nobody on the network, where the system allows to take it away', async ({ skip }) => {
  if (!sandbox.isOffline) skip('this system lets us make no namespaces')
  let visitors = 0
  const server = createServer((socket) => {
    visitors += 1
    socket.destroy()
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const { port } = server.address() as AddressInfo
  const open = ['-v', 'error', '-nostdin', '-i', `tcp://127.0.0.1:${port}`, '-f', 'null', '-']
  expect(await saidBy(open)).toContain('Network is unreachable')
  expect(visitors).toBe(0)
  // Proof that the same program gets through without sandbox.
  await new Promise((done) => execFile('ffmpeg', open, done))
  expect(visitors).toBe(1)
  server.close()
})

test('a program stands behind others in line for the CPU, and has no capability', async () => {
  const run = sandbox.run({ ...limits, args: ['-re', ...endless, '-f', 'null', '-'], timeoutMs: 3_000 })
  const pid = await expect
    .poll(async () => (await sandboxedPids(work))[0])
    .toBeDefined()
    .then(async () => (await sandboxedPids(work))[0])
  await expect.poll(() => readFile(`/proc/${pid}/comm`, 'utf8')).toBe('ffmpeg\n')
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  expect(Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])).toBe(5)
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  expect(status).toMatch(/^NoNewPrivs:\s+1$/m)
  if (sandbox.isOffline) expect(status).toMatch(/^CapEff:\s+0+$/m)
  await run.catch(() => undefined)
})

test('a program ends with the process that started it, also when that one is killed', async () => {
  const script = `
    import { createSandbox } from '${import.meta.dirname}/sandbox.ts'
    const sandbox = await createSandbox({ folder: '${work}', programs: [] })
    await sandbox.run(${JSON.stringify({ ...limits, args: ['-re', ...endless, '-f', 'null', '-'] })})`
  const parent = execFile(process.execPath, ['--input-type=module-typescript', '-e', script])
  await expect.poll(() => sandboxedPids(work), { timeout: 20_000 }).toHaveLength(1)
  await expect
    .poll(async () => readFile(`/proc/${(await sandboxedPids(work))[0]}/comm`, 'utf8'), { timeout: 20_000 })
    .toBe('ffmpeg\n')
  parent.kill('SIGKILL')
  await expect.poll(() => sandboxedPids(work), { timeout: 10_000 }).toEqual([])
  expect(await readdir(work)).toEqual([])
})

test('a program reads what it is given, and need not read all of it', async () => {
  const input = Buffer.alloc(3_000_000, 'x')
  const { stdout } = await sandbox.run({ ...limits, program: 'wc', args: ['-c'], input })
  expect(stdout.toString().trim()).toBe('3000000')
  await expect(sandbox.run({ ...limits, program: 'true', args: [], input })).resolves.toMatchObject({ stderr: '' })
})

test('a program that is not there stops the start', async () => {
  const missing = [{ program: 'no-such-program', args: [] }]
  await expect(createSandbox({ folder: work, programs: missing })).rejects.toThrow(
    /no-such-program.* must be installed/,
  )
})
