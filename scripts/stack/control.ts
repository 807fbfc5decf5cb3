import { rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { createInterface } from 'node:readline'
import type { PartStatus } from './supervised.ts'

/** What the supervisor can be asked for: one JSON line each. */
export type Request =
  | { readonly command: 'status' }
  | { readonly command: 'startInfra' }
  | { readonly command: 'startApps' }
  | { readonly command: 'restart'; readonly part: string }
  | { readonly command: 'restartInstance'; readonly name: string }
  | { readonly command: 'scale'; readonly appId: string; readonly count: number }
  | { readonly command: 'stop' }

/** The answer: always the parts as they are now, and what went wrong if something did. */
export interface Reply {
  readonly parts: readonly PartStatus[]
  readonly error?: string
}

/** Serves requests on a unix socket that only the owner can use. */
export function serveControl(path: string, handle: (request: Request) => Promise<Reply>): Promise<Server> {
  rmSync(path, { force: true })
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy()) // the asker went away
    createInterface({ input: socket }).on('line', async (line) => {
      const reply = await handle(JSON.parse(line) as Request).catch(
        (error: Error): Reply => ({ parts: [], error: error.message }),
      )
      socket.end(`${JSON.stringify(reply)}\n`)
    })
  })
  const umask = process.umask(0o077)
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      process.umask(umask)
      resolve(server)
    })
  })
}

/**
 * Asks the supervisor.
 *
 * @returns undefined when no supervisor answers
 * @throws Error with the supervisor's own words when it refuses
 */
export function ask(path: string, request: Request): Promise<Reply | undefined> {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(path, () => socket.write(`${JSON.stringify(request)}\n`))
    socket.on('data', (chunk) => {
      text += chunk.toString()
    })
    socket.on('error', () => resolve(undefined))
    socket.on('end', () => {
      if (text === '') return resolve(undefined)
      const reply = JSON.parse(text) as Reply
      if (reply.error === undefined) resolve(reply)
      else reject(new Error(reply.error))
    })
  })
}

/** As `ask`. @throws Error where FanOne does not run, or with the supervisor's own words */
export async function order(socketPath: string, request: Request): Promise<Reply> {
  const reply = await ask(socketPath, request)
  if (reply === undefined) throw new Error('FanOne is not running; start it with npm start')
  return reply
}

/**
 * Sees to it that it is this installation that answers at its ports.
 *
 * @throws Error where it does not run
 */
export async function requireRunning(socketPath: string): Promise<void> {
  await order(socketPath, { command: 'status' })
}
