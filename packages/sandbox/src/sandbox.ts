import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { chmod, mkdir } from 'node:fs/promises'
import { commandLine, NAMESPACES, type ProgramLimits } from './sandbox-command.ts'

const MAX_STDERR_CHARACTERS = 4_000
/**
 * About a third of the CPU of another busy process: answers to people go first, but nothing
 * starves.
 */
const NICENESS = 5
const MAX_DATA_BYTES = 512 * 1024 * 1024
/** Our own environment holds tokens, so none of it is passed on. */
const ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' }

export interface SandboxRun extends Pick<ProgramLimits, 'cpuSeconds'>, Partial<Omit<ProgramLimits, 'cpuSeconds'>> {
  /** A path, or a name in the usual folders of programs. */
  program: string
  args: string[]
  /** What it reads from its standard input; nothing without it. */
  input?: Uint8Array
  /** Wall-clock time, for what waits instead of working. */
  timeoutMs: number
  maxOutputBytes: number
  /**
   * Takes the output piece by piece, which then is not kept; the program waits for it. An error of
   * it ends the program and is the error of the run.
   */
  receive?: (chunk: Buffer) => Promise<void> | void
  /** Ends the program; the run fails with the reason. */
  signal?: AbortSignal
}

export interface SandboxOutput {
  stdout: Buffer
  /** The end of its error output. */
  stderr: string
}

export type Limit = 'CPU' | 'time' | 'output'

/** The program refused its input, crashed on it, or reached a limit. */
export class SandboxError extends Error {
  override name = 'SandboxError'
  /**
   * The limit that stopped it. `time` may be the fault of a busy machine, the others are the
   * file's.
   */
  readonly limit: Limit | undefined

  constructor(message: string, limit?: Limit) {
    super(message)
    this.limit = limit
  }
}

/** Runs programs on files nobody trusts; see `createSandbox`. */
export interface Sandbox {
  /**
   * Whether programs run without network; otherwise only the allowed protocols keep them from it.
   */
  readonly isOffline: boolean
  /**
   * @throws SandboxError for another exit code than 0; other errors mean that it could not run at
   *   all
   */
  run(run: SandboxRun): Promise<SandboxOutput>
}

/**
 * Makes a sandbox with the isolation that this machine allows. Programs always run in an empty
 * folder, without our environment, unable to write files, last in line for the CPU, and with limits
 * on CPU, memory, time and output. With namespaces they also have no network and no capabilities.
 * They end when stopped, and when this process is killed.
 *
 * @param options.folder the empty folder; created here and never written to, so instances share it
 *   and nothing needs cleaning
 * @param options.programs what will run in it, each with arguments that only make it say its
 *   version
 * @throws Error when a program that is needed is not installed
 */
export async function createSandbox(options: { folder: string; programs: Trial[] }): Promise<Sandbox> {
  const { folder, programs } = options
  await mkdir(folder, { recursive: true })
  await chmod(folder, 0o555)
  const isOffline = await tryOut({ program: 'true', args: [] }, { folder, namespaces: NAMESPACES }).then(
    () => true,
    () => false,
  )
  const place = { folder, namespaces: isOffline ? NAMESPACES : [] }
  for (const trial of programs) {
    await tryOut(trial, place).catch((cause) => {
      throw new Error(`${trial.program}, prlimit and setpriv (package util-linux) must be installed`, { cause })
    })
  }
  return { isOffline, run: (run) => runIn(place, run) }
}

type Trial = Pick<SandboxRun, 'program' | 'args'>

/** Where a program runs. */
interface Place {
  folder: string
  namespaces: string[]
}

async function tryOut(trial: Trial, place: Place): Promise<void> {
  await runIn(place, { ...trial, cpuSeconds: 5, timeoutMs: 20_000, maxOutputBytes: 100_000 })
}

async function runIn(place: Place, run: SandboxRun): Promise<SandboxOutput> {
  run.signal?.throwIfAborted()
  const { cpuSeconds, maxDataBytes = MAX_DATA_BYTES, niceness = NICENESS } = run
  const [command, args] = commandLine({ namespaces: place.namespaces, cpuSeconds, maxDataBytes, niceness })
  const child = spawn(command, [...args, run.program, ...run.args], {
    cwd: place.folder,
    detached: true,
    env: ENVIRONMENT,
    stdio: 'pipe',
  })
  // A program that ends without reading to the end is judged by how it ended.
  child.stdin.on('error', () => undefined).end(run.input)
  let overLimit: Limit | undefined
  const stop = (limit: Limit) => {
    overLimit ??= limit
    killGroup(child)
  }
  const abort = () => killGroup(child)
  const timer = setTimeout(() => stop('time'), run.timeoutMs)
  run.signal?.addEventListener('abort', abort)
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-MAX_STDERR_CHARACTERS)
  })
  try {
    const [{ exitCode, signal }, stdout] = await Promise.all([ended(child), takeOutput(child, run, stop)])
    run.signal?.throwIfAborted()
    if (exitCode === 0 && !overLimit) return { stdout, stderr }
    if (signal === 'SIGKILL') overLimit ??= 'CPU'
    const outcome = overLimit ? `reached its ${overLimit} limit` : `ended with ${signal ?? exitCode}`
    throw new SandboxError(`${run.program} ${outcome}: ${stderr}`, overLimit)
  } finally {
    clearTimeout(timer)
    run.signal?.removeEventListener('abort', abort)
    // Nothing of it goes on once somebody has been told how it went.
    killGroup(child)
  }
}

function ended(child: ChildProcess): Promise<{ exitCode: number | null; signal: string | null }> {
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (exitCode, signal) => resolve({ exitCode, signal }))
  })
}

/** @returns the output, empty where somebody receives it */
async function takeOutput(
  { stdout }: ChildProcessWithoutNullStreams,
  { maxOutputBytes, receive }: SandboxRun,
  stop: (limit: Limit) => void,
): Promise<Buffer> {
  const kept: Buffer[] = []
  let bytes = 0
  for await (const chunk of stdout as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength
    if (bytes > maxOutputBytes) {
      stop('output')
      break
    }
    if (receive) await receive(chunk)
    else kept.push(chunk)
  }
  return Buffer.concat(kept)
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It has ended by itself in the meantime.
  }
}
