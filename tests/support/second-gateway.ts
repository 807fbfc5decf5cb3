import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { eventually, part, root } from './stack.ts'

/**
 * One more gateway beside the stack's, behind the same sidecar, with other settings: the stack of the tests has its rate limits
 * raised and everything else as it comes.
 *
 * @param settings environment variables that differ
 */
export async function startSecondGateway(
  settings: Record<string, string>,
): Promise<{ url: string; stop(): Promise<void> }> {
  const { pid } = await part('gateway')
  const inherited = (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0').map((line) => line.split(/=(.*)/s))
  const [appPort, httpPort] = [String(await freePort()), String(await freePort())]
  const gateway = spawn(
    join(root, 'node_modules/.bin/node'),
    ['--import=@fanone/service-kit/telemetry', 'src/main.ts'],
    {
      cwd: join(root, 'services/gateway'),
      env: { ...Object.fromEntries(inherited), APP_PORT: appPort, HTTP_PORT: httpPort, ...settings },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  )
  const url = `http://127.0.0.1:${httpPort}`
  try {
    await eventually(async () => (await fetch(`${url}/.well-known/jwks.json`)).ok, {
      what: 'the second gateway answers',
    })
  } catch (error) {
    gateway.kill('SIGKILL')
    throw error
  }
  return { url, stop: () => stop(gateway) }
}

async function stop(gateway: ChildProcess): Promise<void> {
  gateway.kill('SIGTERM')
  if (gateway.exitCode === null) await once(gateway, 'exit')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  return port
}
