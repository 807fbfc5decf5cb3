import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { freePortBase } from '../../scripts/stack/port-check.ts'
import { readSettings } from '../../scripts/stack/settings.ts'

/** A second installation, driven by the commands that people type. */
export interface Installation {
  home: string
  portBase: number
  /** Runs `npm run <command> -- <options>` as npm would. */
  run(command: string, ...options: string[]): Promise<{ exitCode: number | undefined; output: string; stdout: string }>
  /** Pids of everything that belongs to it, whoever started it. */
  processes(): number[]
  /** Stops it and deletes what it kept. */
  remove(): Promise<void>
}

/**
 * @param options.checkout of the commands
 * @param options.env further settings, such as FANONE_DAPR_YAML
 */
export async function newInstallation(options: {
  checkout: string
  env?: Record<string, string>
  portBase?: number
}): Promise<Installation> {
  const home = await mkdtemp(join(tmpdir(), 'fanone-installation-'))
  const { portBase, release } = await reservePorts(options.portBase)
  const env = { RATE_LIMIT_FACTOR: '1000', ...options.env, FANONE_HOME: home, FANONE_PORT_BASE: String(portBase) }
  const run: Installation['run'] = async (command, ...args) => {
    const program = [join(options.checkout, 'scripts/start.mjs'), command, ...args]
    const result = await execa('node', program, {
      cwd: options.checkout,
      env,
      reject: false,
      all: true,
      stdin: 'ignore',
    })
    return { exitCode: result.exitCode, output: result.all, stdout: result.stdout }
  }
  const remove = async () => {
    await run('stop')
    await rm(home, { recursive: true, force: true })
    release()
  }
  return { home, portBase, run, processes: () => processesOf(home), remove }
}

/** Beyond what a stack uses of its range. */
const RESERVED_BY_TESTS = 1_199

/**
 * A range of ports that nothing uses. Files that run at the same time look for theirs before they
 * start anything, so whoever takes one holds a port of it.
 */
async function reservePorts(chosen: number | undefined): Promise<{ portBase: number; release(): void }> {
  for (let from: number | undefined; ; ) {
    const portBase = chosen ?? (await freePortBase(readSettings(), from))
    const server = await occupy(portBase + RESERVED_BY_TESTS).catch(() => undefined)
    if (server || chosen !== undefined) return { portBase, release: () => void server?.close() }
    from = portBase + 1
  }
}

/**
 * All processes with this FANONE_HOME or working directory; some (Redis) overwrite their
 * environment.
 */
function processesOf(home: string): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.filter((pid) => isOf(pid, home)).map(Number)
}

function isOf(pid: string, home: string): boolean {
  try {
    const isZombie = /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    const workingFolder = readlinkSync(`/proc/${pid}/cwd`)
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
    return !isZombie && (workingFolder.startsWith(home) || environment.includes(`FANONE_HOME=${home}`))
  } catch {
    return false // ended meanwhile, or a process of somebody else
  }
}

/** The arguments of a process, as everybody on the machine can read them. */
export const argumentsOf = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')

/** Takes a port, for as long as the server lives. */
export async function occupy(port: number): Promise<Server> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return server
}
