import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { eventually, part, root } from './stack.ts'

/** Another instance of a service, behind the sidecar of the first, which calls only the first. */
export interface InstanceBeside {
  pid: number
  /** Where the sidecar would call it. */
  appUrl: string
  /** Where the public would call it, of a gateway. */
  publicUrl: string
  /** Waits until it has logged this message. */
  logged(message: string): Promise<void>
  stop(): Promise<void>
}

/**
 * Starts another instance of a service with other settings.
 *
 * @param options.settings environment variables that differ
 * @param options.preload a module loaded after the telemetry and before the service
 */
export async function startBeside(
  appId: string,
  options: { settings: Record<string, string>; preload?: string },
): Promise<InstanceBeside> {
  const { pid } = await part(appId)
  const inherited = (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0').map((line) => line.split(/=(.*)/s))
  const [appPort, httpPort] = [String(await freePort()), String(await freePort())]
  const imports = ['@fanone/service-kit/telemetry', ...(options.preload ? [options.preload] : [])]
  const instance = spawn(
    join(root, 'node_modules/.bin/node'),
    [...imports.map((name) => `--import=${name}`), 'src/main.ts'],
    {
      cwd: join(root, 'services', appId),
      env: { ...Object.fromEntries(inherited), APP_PORT: appPort, HTTP_PORT: httpPort, ...options.settings },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  let log = ''
  instance.stdout.setEncoding('utf8').on('data', (text: string) => {
    log += text
  })
  const [appUrl, publicUrl] = [`http://127.0.0.1:${appPort}`, `http://127.0.0.1:${httpPort}`]
  try {
    await eventually(async () => (await fetch(`${appUrl}/healthz`)).ok, {
      timeoutMs: 60_000,
      what: `the second ${appId} serves`,
    })
  } catch (error) {
    instance.kill('SIGKILL')
    throw error
  }
  return {
    pid: instance.pid as number,
    appUrl,
    publicUrl,
    logged: async (message) => void (await eventually(() => log.includes(message), { what: `it logs: ${message}` })),
    stop: () => stop(instance),
  }
}

async function stop(instance: ChildProcess): Promise<void> {
  instance.kill('SIGTERM')
  if (instance.exitCode === null) await once(instance, 'exit')
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  return port
}
