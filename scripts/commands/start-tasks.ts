import { Listr, PRESET_TIMER } from 'listr2'
import { seedDemo } from '../demo/seed.ts'
import { buildDaprProgram, findOrBuildDaprd } from '../setup/daprd.ts'
import { installPackages, missingPackages } from '../setup/debian-packages.ts'
import { fetchImageSearch } from '../setup/image-search.ts'
import { fetchJmxExporter, fetchKafka, fetchZipkin } from '../setup/java-programs.ts'
import { buildSite } from '../setup/site.ts'
import { buildToxiproxy } from '../setup/toxiproxy.ts'
import { buildVersitygw } from '../setup/versitygw.ts'
import { ask } from '../stack/control.ts'
import { prepareKafka } from '../stack/infra/kafka.ts'
import { placeImageModel } from '../stack/infra/milvus.ts'
import { prepareMysql } from '../stack/infra/mysql.ts'
import { prepareSentry } from '../stack/infra/sentry.ts'
import { launchSupervisor } from '../stack/launch.ts'
import type { Manifest } from '../stack/manifest.ts'
import { prepareNamesFile } from '../stack/names-file.ts'
import { checkPorts } from '../stack/port-check.ts'
import { untilHealthy } from '../stack/readiness.ts'
import { ensureSecrets, replaceOldSigningKey } from '../stack/secrets.ts'
import { type Settings, stackPaths } from '../stack/settings.ts'
import { placeSite } from '../stack/site.ts'
import { prepareWordsFile } from '../stack/words-file.ts'
import { hasLeftovers, stopStack } from './stop.ts'

/** Zipkin is missing here: services run without it and it starts slowest. */
const awaitedBeforeApps = ['mysql', 'redis', 'kafka', 'toxiproxy', 's3', 'milvus', 'sentry']
const TOKEN_KEY = 'token-signing-key'
const infraTimeoutMs = 90_000
const appsTimeoutMs = 120_000

/** What one start is asked for. */
export interface Start {
  readonly settings: Settings
  readonly manifest: Manifest
  readonly withApps: boolean
  readonly withDemo: boolean
  readonly withMonitoring: boolean
  readonly instances: Readonly<Record<string, number>>
  /** The supervisor and the infrastructure ran before (`npm run infra`). */
  readonly wasUp: boolean
}

/** Programs that the tasks find or fetch, on their way to the supervisor. */
interface Programs {
  daprd: string | undefined
  sentry: string | undefined
  kafkaLibs: string
  zipkinJar: string
  toxiproxy: string | undefined
  versitygw: string | undefined
  jmxExporter: string | undefined
  milvusPython: string | undefined
  imageModel: string | undefined
  /** The folder of the built site. */
  site: string | undefined
}

const noPrograms = (): Programs => ({
  daprd: undefined,
  sentry: undefined,
  kafkaLibs: '',
  zipkinJar: '',
  toxiproxy: undefined,
  versitygw: undefined,
  jmxExporter: undefined,
  milvusPython: undefined,
  imageModel: undefined,
  site: undefined,
})

type Report = (text: string) => void

/**
 * Brings the stack up, showing the steps. What a failed start has started is stopped again.
 *
 * @throws Error with the reason, and the end of the log where a process failed
 */
export async function runTasks(start: Start): Promise<void> {
  const programs = noPrograms()
  const tasks = new Listr([...preparationTasks(start, programs), ...startTasks(start, programs)], {
    rendererOptions: { timer: PRESET_TIMER, collapseSubtasks: false },
    fallbackRendererOptions: { timer: PRESET_TIMER },
  })
  try {
    await tasks.run()
  } catch (error) {
    if (!start.wasUp) await stopStack(start.settings)
    throw error instanceof Error && error.cause !== undefined ? error.cause : error
  }
}

function preparationTasks(start: Start, programs: Programs) {
  const { settings, manifest } = start
  const packages = missingPackages(start)
  return [
    {
      title: 'End what an interrupted run left behind',
      enabled: !start.wasUp && hasLeftovers(settings),
      task: () => shortly(stopStack(settings)),
    },
    { title: 'Look for free ports', task: () => shortly(checkPorts(settings, manifest, start)) },
    {
      title: 'Install Debian packages',
      enabled: packages.length > 0,
      task: () => shortly(installPackages(packages)),
    },
    {
      title: 'Kafka, Zipkin, Milvus, daprd, sentry and the site (fetched or built once, up to 5 minutes)',
      task: withOutput(async (report) => void Object.assign(programs, await findPrograms(start, report))),
    },
    { title: 'Prepare data folders', task: () => shortly(prepareData(start, programs)) },
  ]
}

/** A task that shows what it is at. */
function withOutput(run: (report: Report) => Promise<unknown>) {
  return (_: unknown, task: { output: string }) =>
    shortly(
      run((text) => {
        task.output = text
      }),
    )
}

function startTasks(start: Start, programs: Programs) {
  return [
    {
      title: `Start MySQL, Redis, Kafka, Zipkin, Milvus${start.withApps ? ', sentry' : ''}${start.withMonitoring ? ', Prometheus' : ''}`,
      task: withOutput((report) => startInfra(start, programs, report)),
    },
    {
      title: 'Start the services with their sidecars',
      enabled: start.withApps,
      task: withOutput((report) => startApps(start, report)),
    },
    {
      title: 'Fill in the demo',
      enabled: start.withDemo,
      task: withOutput((report) => fillDemo(start, report)),
    },
  ]
}

/**
 * Runs the downloads of Maven and pip and the Go builds in parallel; the two builds not, they share
 * most packages.
 */
export async function findPrograms(
  start: Pick<Start, 'settings' | 'withApps' | 'withMonitoring'>,
  report: Report,
): Promise<Programs> {
  const { root, cache, toxiproxy, s3, imageSearch } = start.settings
  const programs = noPrograms()
  const maven = async () => {
    programs.kafkaLibs = await fetchKafka(cache)
    programs.zipkinJar = await fetchZipkin(cache)
    if (start.withMonitoring) programs.jmxExporter = await fetchJmxExporter(cache)
  }
  const go = async () => {
    if (s3) programs.versitygw = await buildVersitygw(cache)
    if (toxiproxy) programs.toxiproxy = await buildToxiproxy(cache)
    if (!start.withApps) return
    programs.daprd = await findOrBuildDaprd(root, cache, report)
    programs.sentry = await buildDaprProgram('sentry', root, cache, report)
  }
  const python = async () => {
    if (imageSearch) Object.assign(programs, await fetchImageSearch(cache))
  }
  const site = async () => {
    if (start.withApps) programs.site = await buildSite(root, cache, report)
  }
  const results = await Promise.allSettled([maven(), go(), python(), site()])
  for (const result of results) if (result.status === 'rejected') throw result.reason
  return programs
}

async function prepareData(start: Start, programs: Programs): Promise<void> {
  const { settings, manifest } = start
  const secrets = ensureSecrets(stackPaths(settings).secrets, manifest.apps)
  if (secrets[TOKEN_KEY] !== undefined) replaceOldSigningKey(stackPaths(settings).secrets, TOKEN_KEY)
  prepareWordsFile(settings)
  prepareNamesFile(settings)
  if (programs.imageModel) placeImageModel(settings, programs.imageModel)
  if (programs.site) placeSite(settings, programs.site)
  await Promise.all([
    prepareMysql(settings),
    prepareKafka(settings, manifest, programs.kafkaLibs),
    prepareSentry(settings, manifest, secrets),
  ])
}

async function startInfra(start: Start, programs: Programs, report: Report): Promise<void> {
  const { settings, instances } = start
  await launchSupervisor(settings, { ...programs, instances }, start.wasUp)
  await ask(stackPaths(settings).socket, { command: 'startInfra' })
  const isAwaited = (part: string) => awaitedBeforeApps.includes(part) || !start.withApps
  await untilHealthy(settings, isAwaited, infraTimeoutMs, (names) => report(names.join(', ')))
}

async function startApps(start: Start, report: Report): Promise<void> {
  await ask(stackPaths(start.settings).socket, { command: 'startApps' })
  const isAny = () => true
  await untilHealthy(start.settings, isAny, appsTimeoutMs, (names) => report(names.join(', ')))
}

async function fillDemo(start: Start, log: Report): Promise<void> {
  const port = start.manifest.apps.map((app) => app.env.HTTP_PORT).find((value) => value !== undefined)
  await seedDemo({ apiUrl: `http://127.0.0.1:${port}`, home: start.settings.home, log })
}

/** The task list shows one short line; the whole reason is printed once, below it. */
async function shortly<Result>(task: Promise<Result>): Promise<Result> {
  try {
    return await task
  } catch (error) {
    throw new Error('see below', { cause: error })
  }
}
