import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { isInstanceOf } from '../stack/app-parts.ts'
import { order } from '../stack/control.ts'
import { probeHttp } from '../stack/probe-http.ts'
import { untilHealthy } from '../stack/readiness.ts'
import { type Secrets, sidecarToken } from '../stack/secrets.ts'
import { type Settings, stackPaths } from '../stack/settings.ts'

const LEAST_STEADY_MS = 2_000

/**
 * `npm run scale -- feed 3`: sets the number of instances until the next start; dapr.yaml has the
 * lasting one.
 */
export async function scale(settings: Settings, args: string[]): Promise<number> {
  const [appId, count] = args
  if (appId === undefined || count === undefined) throw new Error('npm run scale -- <service> <number>')
  await order(stackPaths(settings).socket, { command: 'scale', appId, count: Number(count) })
  const isOfApp = (part: string) => isInstanceOf(part.replace(/\.sidecar$/, ''), appId)
  await untilHealthy(settings, isOfApp, 60_000)
  console.log(`${appId}: ${count} running. To keep this, set INSTANCES of ${appId} in dapr.yaml`)
  return 0
}

/**
 * `npm run restart -- video`: restarts one process, or with `--rolling` all instances of a service,
 * and waits until they are healthy.
 */
export async function restart(settings: Settings, args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { rolling: { type: 'boolean', default: false } },
  })
  const [part] = positionals
  if (part === undefined) throw new Error('npm run restart -- <part>, or npm run restart -- <service> --rolling')
  if (values.rolling) return restartRolling(settings, part)
  await order(stackPaths(settings).socket, { command: 'restart', part })
  await untilHealthy(settings, (name) => name === part, 60_000)
  console.log(`${part} was restarted`)
  return 0
}

/**
 * Restarts one instance after the other, each when all callers can reach the one before. A caller's
 * sidecar that loses an instance tries again after 1 s, then 1.6 times as long each time (gRPC
 * connection backoff; Dapr keeps the connection if a resiliency policy is set). So callers may need
 * as long as the instance was away to find it again.
 */
async function restartRolling(settings: Settings, appId: string): Promise<number> {
  const { parts } = await order(stackPaths(settings).socket, { command: 'status' })
  const names = parts.filter(({ part, kind }) => kind === 'app' && isInstanceOf(part, appId)).map(({ part }) => part)
  if (names.length === 0) throw new Error(`There is no service "${appId}"`)
  for (const name of names) {
    const leftAt = performance.now()
    await order(stackPaths(settings).socket, { command: 'restartInstance', name })
    await untilHealthy(settings, (part) => part === name || part === `${name}.sidecar`, 60_000)
    await untilCalled(settings, appId, `${name}.sidecar`)
    if (name !== names.at(-1)) await sleep(Math.max(LEAST_STEADY_MS, performance.now() - leftAt))
    console.log(`${name} was restarted`)
  }
  return 0
}

/**
 * Waits until the sidecar passes calls on: it probes its service once a second and refuses calls
 * until the first success.
 */
async function untilCalled(settings: Settings, appId: string, sidecar: string): Promise<void> {
  const { parts } = await order(stackPaths(settings).socket, { command: 'status' })
  const port = parts.find(({ part }) => part === sidecar)?.ports.http
  const secrets = JSON.parse(readFileSync(stackPaths(settings).secrets, 'utf8')) as Secrets
  const headers = { 'dapr-api-token': secrets[sidecarToken(appId)] ?? '' }
  const url = `http://127.0.0.1:${port}/v1.0/invoke/${appId}/method/healthz`
  const giveUpAt = Date.now() + 30_000
  for (;;) {
    const isCalled = await probeHttp(url, 200, headers).then(
      () => true,
      () => false,
    )
    if (isCalled) return
    if (Date.now() > giveUpAt) throw new Error(`${sidecar} passes no calls to its service`)
    await sleep(100)
  }
}
