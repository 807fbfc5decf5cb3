import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Address space is left alone (shared libraries alone take 300 MB of it); what is allocated is what hurts. */
const MAX_DATA_BYTES = 512 * 1024 * 1024
const MAX_OPEN_FILES = 64
const MAX_STDERR_CHARACTERS = 4_000
/** Nothing of our environment is passed on: it holds tokens. */
const ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' }

export interface ConfinedRun {
  program: 'ffmpeg' | 'ffprobe'
  args: string[]
  /** CPU time of all threads together. */
  cpuSeconds: number
  /** Wall-clock time, for what waits instead of working. */
  timeoutMs: number
  maxOutputBytes: number
}

export interface ConfinedOutput {
  stdout: Buffer
  /** The end of what it complained about. */
  stderr: string
}

export type Limit = 'CPU' | 'time' | 'output'

/** The program refused its input, crashed on it, or reached a limit. */
export class ConfinedRunError extends Error {
  override name = 'ConfinedRunError'
  /** Which limit it was stopped at. `time` may be the fault of a busy machine; the others are the file's. */
  readonly limit: Limit | undefined

  constructor(message: string, limit?: Limit) {
    super(message)
    this.limit = limit
  }
}

/**
 * Runs ffmpeg or ffprobe on a file nobody trusts: in an empty folder of its own, without our environment, unable to write any
 * file, and with limits on CPU, memory, time and output. Whatever it started ends with it.
 *
 * @throws ConfinedRunError when it does not end with exit code 0; other errors mean that it could not be run at all
 */
export async function runConfined(run: ConfinedRun): Promise<ConfinedOutput> {
  const folder = await mkdtemp(join(tmpdir(), 'fanone-media-'))
  try {
    return await runIn(folder, run)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** @throws Error when a program that `runConfined` needs is not installed */
export async function checkTools(): Promise<void> {
  for (const program of ['ffmpeg', 'ffprobe'] as const) {
    await runConfined({ program, args: ['-version'], cpuSeconds: 5, timeoutMs: 20_000, maxOutputBytes: 100_000 }).catch(
      (cause) => {
        throw new Error(`${program} (package ffmpeg) and prlimit (package util-linux) must be installed`, { cause })
      },
    )
  }
}

function runIn(folder: string, run: ConfinedRun): Promise<ConfinedOutput> {
  const { promise, resolve, reject } = Promise.withResolvers<ConfinedOutput>()
  const child = spawn('prlimit', [...limitsOf(run), run.program, ...run.args], {
    cwd: folder,
    detached: true,
    env: ENVIRONMENT,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let overLimit: Limit | undefined
  const stop = (limit: Limit) => {
    overLimit ??= limit
    killGroup(child)
  }
  const timer = setTimeout(() => stop('time'), run.timeoutMs)
  const stdout: Buffer[] = []
  let stdoutBytes = 0
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => {
    stdoutBytes += chunk.byteLength
    if (stdoutBytes > run.maxOutputBytes) stop('output')
    else stdout.push(chunk)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-MAX_STDERR_CHARACTERS)
  })
  child.on('error', reject)
  child.on('close', (exitCode, signal) => {
    clearTimeout(timer)
    if (exitCode === 0 && !overLimit) return resolve({ stdout: Buffer.concat(stdout), stderr })
    if (signal === 'SIGKILL') overLimit ??= 'CPU'
    const outcome = overLimit ? `reached its ${overLimit} limit` : `ended with ${signal ?? exitCode}`
    reject(new ConfinedRunError(`${run.program} ${outcome}: ${stderr}`, overLimit))
  })
  return promise
}

function limitsOf(run: ConfinedRun): string[] {
  return [
    // Soft and hard limit are one, because ffmpeg takes the soft limit's signal for a request to end well.
    `--cpu=${run.cpuSeconds}`,
    `--data=${MAX_DATA_BYTES}`,
    `--nofile=${MAX_OPEN_FILES}`,
    '--fsize=0',
    '--core=0',
  ]
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It has ended by itself in the meantime.
  }
}
