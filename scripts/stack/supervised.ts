import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Part } from './part.ts'
import { endProcesses, type ProcessRecord, recordOf, signalGroup } from './processes.ts'

const shortestBackoffMs = 200
const longestBackoffMs = 5_000
/** A process that lived this long was not failing at its start: the next restart is quick again. */
const steadyAfterMs = 10_000
const probeWhileStartingMs = 150
const probeWhileHealthyMs = 2_000
/** A busy machine may miss one probe. */
const missedProbesAllowed = 3

export type State = 'stopped' | 'starting' | 'restarting' | 'healthy' | 'unhealthy'

/** The state of a part at one moment. */
export interface PartStatus {
  readonly part: string
  readonly kind: Part['kind']
  readonly state: State
  readonly ports: Readonly<Record<string, number>>
  readonly pid: number | undefined
  readonly restarts: number
  readonly log: string
  /** How the last unexpected end looked, e.g. `exit code 1`. */
  readonly lastEnd: string | undefined
}

/** Keeps one part running until it is told to stop. */
export class Supervised {
  readonly part: Part
  readonly #logFile: string
  readonly #onChange: () => void
  #state: State = 'stopped'
  #child: ChildProcess | undefined
  #record: ProcessRecord | undefined
  #startedAt = 0
  #backoffMs = shortestBackoffMs
  #restarts = 0
  #lastEnd: string | undefined
  #isWanted = false
  #retry: NodeJS.Timeout | undefined

  /** @param options.onChange called when a process came or went, so that it can be recorded */
  constructor({ part, logFile, onChange }: { part: Part; logFile: string; onChange: () => void }) {
    this.part = part
    this.#logFile = logFile
    this.#onChange = onChange
  }

  get record(): ProcessRecord | undefined {
    return this.#record
  }

  get status(): PartStatus {
    return {
      part: this.part.name,
      kind: this.part.kind,
      state: this.#state,
      ports: this.part.ports,
      pid: this.#record?.pid,
      restarts: this.#restarts,
      log: this.#logFile,
      lastEnd: this.#lastEnd,
    }
  }

  /** Starts the process if it is not running. */
  start(): void {
    if (this.#isWanted) return
    this.#isWanted = true
    this.#state = 'starting'
    this.#spawn()
  }

  /** Ends the process and resolves when it is gone. */
  async stop(): Promise<void> {
    this.#isWanted = false
    clearTimeout(this.#retry)
    const record = this.#record
    if (record !== undefined) {
      await endProcesses([record], this.part.graceMs)
      signalGroup(record.pid, 'SIGKILL') // what it may have started itself, such as ffmpeg
    }
    this.#state = 'stopped'
  }

  /** Stops and starts again; a wanted restart does not count as one. */
  async restart(): Promise<void> {
    await this.stop()
    this.start()
  }

  #spawn(): void {
    const log = openSync(this.#logFile, 'a', 0o600)
    const child = spawn(this.part.command, this.part.args, {
      cwd: this.part.cwd,
      env: { ...ownEnvironment(), ...this.part.env },
      stdio: ['ignore', log, log],
      detached: true, // its own process group: a Ctrl-C in the terminal reaches no part of the stack
    })
    closeSync(log)
    this.#child = child
    this.#startedAt = Date.now()
    this.#record = child.pid === undefined ? undefined : recordOf(this.part, child.pid)
    child.once('error', (error) => this.#ended(child, error.message))
    child.once('exit', (code, signal) => this.#ended(child, signal ?? `exit code ${code}`))
    this.#onChange()
    void this.#watch(child)
  }

  #ended(child: ChildProcess, how: string): void {
    if (this.#child !== child) return
    this.#child = undefined
    this.#record = undefined
    if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL')
    this.#onChange()
    if (!this.#isWanted) return
    this.#lastEnd = how
    this.#state = 'restarting'
    this.#restarts++
    if (Date.now() - this.#startedAt > steadyAfterMs) this.#backoffMs = shortestBackoffMs
    this.#retry = setTimeout(() => this.#spawn(), this.#backoffMs)
    this.#backoffMs = Math.min(this.#backoffMs * 2, longestBackoffMs)
  }

  async #watch(child: ChildProcess): Promise<void> {
    let missed = 0
    while (this.#child === child && this.#isWanted) {
      const isWell = await this.part.probe().then(
        () => true,
        () => false,
      )
      if (this.#child !== child || !this.#isWanted) return
      missed = isWell ? 0 : missed + 1
      if (isWell) this.#state = 'healthy'
      else if (this.#state === 'healthy' && missed >= missedProbesAllowed) this.#state = 'unhealthy'
      await sleep(this.#state === 'healthy' && missed === 0 ? probeWhileHealthyMs : probeWhileStartingMs)
    }
  }
}

/** The environment of `npm start` without what npm adds for its own scripts. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD$)/.test(name)))
}
