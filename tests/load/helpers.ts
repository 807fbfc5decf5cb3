import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { LoadJob, LoadResult } from './closed-loop.ts'

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

/** Starts a bare Express handler. @param text the body it answers */
export async function startBareHandler(text: string): Promise<HelperProcess & { url: string }> {
  const child = start('bare.ts')
  const port = await request<number>(child, text)
  return { ...helper(child), url: `http://127.0.0.1:${port}` }
}

function start(file: string): ChildProcess {
  return fork(join(import.meta.dirname, file), { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
}

async function request<Reply>(child: ChildProcess, message: object | string): Promise<Reply> {
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
