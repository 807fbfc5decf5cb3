import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { HashOrder, HashRate } from './bare-hash.ts'
import type { LoadJob, LoadResult, PlannedRequest } from './closed-loop.ts'

/** Where requests go and which they are. */
export type Plan = Pick<LoadJob, 'url' | 'requests'>

/** A process beside the stack, which ends with this one. */
export interface HelperProcess {
  pid: number
  stop(): Promise<void>
}

/** The load generator. */
export interface LoadClient extends HelperProcess {
  /** @param job what to send; one at a time */
  run(job: LoadJob): Promise<LoadResult>
}

export function startLoadClient(): LoadClient {
  const child = start('closed-loop.ts')
  return {
    ...helper(child),
    run: (job) => request<LoadResult>(child, job),
  }
}

/** What a bare handler answers to requests of one path. */
export interface BareAnswer {
  method: string
  path: string
  status: number
  body: string
}

/** A process with bare Express handlers. */
export interface BareHandlers extends HelperProcess {
  /** @returns the same request, answered by a bare handler with what is expected of it */
  planFor(request: PlannedRequest): Promise<Plan>
}

export function startBareHandlers(): BareHandlers {
  const child = start('bare.ts')
  return {
    ...helper(child),
    planFor: async (planned) => {
      const { method, path, status = 200, expected: body } = planned
      const answer: BareAnswer = { method, path: path.replace(/\?.*/, ''), status, body }
      return { url: `http://127.0.0.1:${await request<number>(child, answer)}`, requests: [planned] }
    },
  }
}

/** How fast the machine hashes passwords in a process that does nothing else. */
export async function measureHashes(order: HashOrder): Promise<HashRate> {
  const child = start('bare-hash.ts')
  return await request<HashRate>(child, order).finally(helper(child).stop)
}

function start(file: string): ChildProcess {
  return fork(join(import.meta.dirname, file), { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
}

async function request<Reply>(child: ChildProcess, message: object): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>()
  const onExit = (code: number | null) =>
    reject(new Error(`${child.spawnargs[1]} ended with ${code} and gave no answer`))
  child.once('message', (reply) => resolve(reply as Reply))
  child.once('exit', onExit)
  child.send(message)
  return await promise.finally(() => child.off('exit', onExit))
}

function helper(child: ChildProcess): HelperProcess {
  const stop = async () => {
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
  return { pid: child.pid as number, stop }
}
