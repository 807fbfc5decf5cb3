import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { eventually, part, root } from './stack.ts'

/** One more process of a service beside the stack's, behind the same sidecar, with other settings. */
export interface SecondService {
  /** Its own app port. */
  appPort: number
  /** Waits until it has logged this message. */
  logged(message: string): Promise<void>
  stop(): Promise<void>
}

/**
 * Starts one; it has the port, but nobody calls it there: its sidecar belongs to the first.
 *
 * @param appId of the service
 * @param settings environment variables that differ
 */
export async function startSecond(appId: string, settings: Record<string, string>): Promise<SecondService> {
  const { pid } = await part(appId)
  const inherited = (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0').map((line) => line.split(/=(.*)/s))
  const appPort = await freePort()
  const service = spawn(
    join(root, 'node_modules/.bin/node'),
    ['--import=@fanone/service-kit/telemetry', 'src/main.ts'],
    {
      cwd: join(root, 'services', appId),
      env: { ...Object.fromEntries(inherited), APP_PORT: String(appPort), ...settings },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  let log = ''
  service.stdout.setEncoding('utf8').on('data', (text: string) => {
    log += text
  })
  try {
    await eventually(async () => (await fetch(`http://127.0.0.1:${appPort}/healthz`)).ok, {
      timeoutMs: 60_000,
      what: `the second ${appId} is healthy`,
    })
  } catch (error) {
    service.kill('SIGKILL')
    throw error
  }
  return {
    appPort,
    logged: async (message) => void (await eventually(() => log.includes(message), { what: `it logs: ${message}` })),
    stop: () => stop(service),
  }
}

async function stop(service: ChildProcess): Promise<void> {
  service.kill('SIGTERM')
  if (service.exitCode === null) await once(service, 'exit')
}

/** A port that nobody uses at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  return port
}
