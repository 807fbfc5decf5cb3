import { ask, type Request } from '../stack/control.ts'
import { isUp, untilHealthy } from '../stack/readiness.ts'
import { type Settings, stackPaths } from '../stack/settings.ts'

/** `npm run scale -- feed 3`: the number of instances until the next start; dapr.yaml holds the lasting one. */
export async function scale(settings: Settings, args: string[]): Promise<number> {
  const [appId, count] = args
  if (appId === undefined || count === undefined) throw new Error('npm run scale -- <service> <number>')
  await order(settings, { command: 'scale', appId, count: Number(count) })
  const isOfApp = (part: string) => new RegExp(`^${appId}(-\\d+)?(\\.sidecar)?$`).test(part)
  await untilHealthy(settings, isOfApp, 60_000)
  console.log(`${appId}: ${count} running. To keep this, set INSTANCES of ${appId} in dapr.yaml`)
  return 0
}

/** `npm run restart -- video`: restarts one process and waits until it is well. */
export async function restart(settings: Settings, args: string[]): Promise<number> {
  const [part] = args
  if (part === undefined) throw new Error('npm run restart -- <part>')
  await order(settings, { command: 'restart', part })
  await untilHealthy(settings, (name) => name === part, 60_000)
  console.log(`${part} was restarted`)
  return 0
}

async function order(settings: Settings, request: Request): Promise<void> {
  if (!(await isUp(settings))) throw new Error('FanOne is not running; start it with npm start')
  await ask(stackPaths(settings).socket, request)
}
