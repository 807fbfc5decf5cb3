import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { Listr, PRESET_TIMER } from 'listr2'
import { daprVersion } from '../setup/daprd.ts'
import { fetchKafka } from '../setup/java-programs.ts'
import type { Settings } from '../stack/settings.ts'
import { chartFolder } from './chart.ts'
import { makeSecrets } from './secrets.ts'

const root = join(import.meta.dirname, '../..')
const CLUSTER = 'fanone'
const NAMESPACE = 'fanone'
const IMAGES = ['fanone:0.1.0', 'fanone-media:0.1.0', 'fanone-trial:0.1.0']
/** As kind-config.yaml and values-kind.yaml have it. */
export const TRIAL_URL = 'http://127.0.0.1:8088'

/** What a machine may have to say differently; see docs/kubernetes.md. */
export interface TrialOptions {
  settings: Settings
  /** kind's own one without it. */
  nodeImage?: string | undefined
  /** The network that images are built in: docker's own one without it. */
  buildNetwork?: string | undefined
  /** A folder with Dapr's chart, where there is no way to its repository. */
  daprChart?: string | undefined
  config: string
}

/**
 * Makes a cluster of kind with Dapr and everything of FanOne in it, showing the steps. Safe to
 * repeat: what is there is brought up to date.
 *
 * @throws Error which programs are missing, or with what the failed one printed
 */
export async function raiseTrial(options: TrialOptions): Promise<void> {
  await requirePrograms('docker', 'kind', 'kubectl', 'helm')
  const tasks = [
    { title: 'Build the images', task: () => buildImages(options) },
    { title: 'Create the cluster', task: () => createCluster(options) },
    { title: 'Load the images', task: loadImages },
    { title: 'Install Dapr', task: () => installDapr(options) },
    { title: 'Make the secrets', task: makeTrialSecrets },
    { title: 'Install MySQL, Redis and Kafka', task: () => install('servers', join(root, 'charts/trial')) },
    {
      title: 'Install FanOne, migrations first',
      task: () => install('fanone', chartFolder, `--values=${chartFolder}/values-kind.yaml`),
    },
  ]
  await new Listr(tasks, {
    rendererOptions: { timer: PRESET_TIMER },
    fallbackRendererOptions: { timer: PRESET_TIMER },
  }).run()
}

/** Removes the cluster with all that is in it; none there is no error. */
export async function removeTrial(): Promise<void> {
  await requirePrograms('docker', 'kind')
  await execa('kind', ['delete', 'cluster', '--name', CLUSTER])
}

async function requirePrograms(...programs: string[]): Promise<void> {
  const runs = await Promise.all(programs.map((program) => execa(program, ['--help'], { reject: false })))
  const missing = programs.filter((_, index) => runs[index]?.code === 'ENOENT')
  if (missing.length > 0) throw new Error(`A cluster needs ${missing.join(', ')}, which are not on the PATH`)
}

async function buildImages({ settings, buildNetwork }: TrialOptions): Promise<void> {
  const network = buildNetwork ? ['--network', buildNetwork] : []
  const build = (image: string, args: string[]) =>
    execa('docker', ['build', '--quiet', ...network, '--tag', image, ...args])
  const [services, media, servers] = IMAGES as [string, string, string]
  await build(services, ['--target', 'services', root])
  await build(media, ['--target', 'media', root])
  const context = mkdtempSync(join(tmpdir(), 'fanone-trial-'))
  try {
    cpSync(join(root, 'charts/trial/image'), context, { recursive: true })
    cpSync(await fetchKafka(settings.cache), join(context, 'kafka'), { recursive: true })
    await build(servers, [context])
  } finally {
    rmSync(context, { recursive: true })
  }
}

async function createCluster({ nodeImage, config }: TrialOptions): Promise<void> {
  const { stdout } = await execa('kind', ['get', 'clusters'])
  const image = nodeImage ? ['--image', nodeImage] : []
  if (!stdout.split('\n').includes(CLUSTER))
    await execa('kind', ['create', 'cluster', '--name', CLUSTER, '--config', config, '--wait', '180s', ...image])
  await execa('kubectl', ['config', 'use-context', `kind-${CLUSTER}`])
}

/** Those of Dapr as well, where they are here: a cluster without a way out pulls nothing. */
async function loadImages(): Promise<void> {
  await execa('kind', ['load', 'docker-image', '--name', CLUSTER, ...IMAGES, ...(await daprImages())])
}

/** What docker has of the minor version that FanOne is built with. */
async function daprImages(): Promise<string[]> {
  const reference = `reference=ghcr.io/dapr/*:${daprVersion(root).replace(/\d+$/, '*')}`
  const { stdout } = await execa('docker', ['images', '--format={{.Repository}}:{{.Tag}}', '--filter', reference])
  return stdout.split('\n').filter(Boolean)
}

async function installDapr({ daprChart }: TrialOptions): Promise<void> {
  const version = (await daprImages())[0]?.split(':')[1] ?? daprVersion(root)
  const chart = daprChart
    ? [daprChart]
    : ['dapr', '--repo', 'https://dapr.github.io/helm-charts/', '--version', version]
  const namespace = ['--namespace', 'dapr-system', '--create-namespace']
  const wait = ['--set', `global.tag=${version}`, '--wait', '--timeout', '300s']
  await execa('helm', ['upgrade', '--install', 'dapr', ...chart, ...namespace, ...wait])
}

async function makeTrialSecrets(): Promise<void> {
  const { stdout } = await execa('kubectl', ['create', 'namespace', NAMESPACE, '--dry-run=client', '--output=yaml'])
  await execa('kubectl', ['apply', '--filename=-'], { input: stdout })
  await makeSecrets(NAMESPACE)
}

async function install(release: string, chart: string, ...values: string[]): Promise<void> {
  await execa('helm', [
    'upgrade',
    '--install',
    release,
    chart,
    '--namespace',
    NAMESPACE,
    ...values,
    '--wait',
    '--timeout',
    '600s',
  ])
}
