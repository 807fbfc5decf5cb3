import { parseArgs } from 'node:util'
import { refuseDuringRestore } from '../backup/switch-over.ts'
import { ask } from '../stack/control.ts'
import { checkInstances, type Manifest, readManifest } from '../stack/manifest.ts'
import { isUp } from '../stack/readiness.ts'
import { type Settings, stackPaths } from '../stack/settings.ts'
import type { PartStatus } from '../stack/supervised.ts'
import { runTasks } from './start-tasks.ts'

/** `npm start`: everything, in the background. */
export async function startAll(settings: Settings, args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      demo: { type: 'boolean', default: true },
      monitoring: { type: 'boolean', default: true },
      instances: { type: 'string', multiple: true, default: [] },
    },
    allowNegative: true,
  })
  refuseDuringRestore(settings)
  const manifest = readManifest(settings)
  const instances = readInstances(values.instances, manifest)
  const before = await parts(settings)
  const isRunning = before.some(({ kind }) => kind === 'app')
  if (isRunning) console.log('FanOne is running already.')
  else {
    const wasUp = before.length > 0
    const { demo: withDemo, monitoring: withMonitoring } = values
    await runTasks({ settings, manifest, instances, withApps: true, withDemo, withMonitoring, wasUp })
  }
  console.log(addresses(await parts(settings)))
  return 0
}

const onlyInfra = { withApps: false, withDemo: false, withMonitoring: false, wasUp: false }

/** `npm run infra`: only what the services lean on, for `dapr run -f .`. */
export async function startInfraOnly(settings: Settings): Promise<number> {
  if (await isUp(settings)) {
    console.log('FanOne is running already; see npm run status')
    return 0
  }
  refuseDuringRestore(settings)
  const manifest = readManifest(settings)
  await runTasks({ settings, manifest, instances: {}, ...onlyInfra })
  console.log('MySQL, Redis, Kafka and Zipkin are running. Next: dapr run -f .')
  return 0
}

async function parts(settings: Settings): Promise<readonly PartStatus[]> {
  const reply = await ask(stackPaths(settings).socket, { command: 'status' })
  return reply?.parts ?? []
}

function readInstances(texts: readonly string[], manifest: Manifest): Record<string, number> {
  const entries = texts
    .flatMap((text) => text.split(','))
    .map((text): [string, number] => {
      const [appId = '', count] = text.split('=')
      const isKnown = manifest.apps.some((app) => app.appId === appId)
      if (!isKnown) throw new Error(`--instances ${text}: there is no service "${appId}"`)
      return [appId, checkInstances(appId, Number(count))]
    })
  return Object.fromEntries(entries)
}

/** From the running parts, not from the settings, which may be another terminal's. */
function addresses(running: readonly PartStatus[]): string {
  const api = `http://127.0.0.1:${running.find(({ ports }) => ports.public !== undefined)?.ports.public}`
  const portOf = (name: string) => running.find(({ part }) => part === name)?.ports.http
  const prometheus = portOf('prometheus')
  return [
    '',
    `  API     ${api}`,
    `  docs    ${api}/docs`,
    `  traces  http://127.0.0.1:${portOf('zipkin')}/zipkin/`,
    ...(prometheus === undefined ? [] : [`  metrics http://127.0.0.1:${prometheus}`]),
    '',
    '  npm run status   npm run logs -- video   npm stop',
  ].join('\n')
}
