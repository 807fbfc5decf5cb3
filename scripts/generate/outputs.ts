import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { renderAccess } from './access.ts'
import { architectureRegions, readmeRegions } from './architecture.ts'
import { renderChartDeclarations } from './chart.ts'
import { pubsubRegions, resiliencyRegions, statestoreRegions } from './components.ts'
import { renderApps } from './dapr-yaml.ts'
import { databaseRegions } from './database.ts'
import { root, services, topicsTakenBy } from './declarations.ts'
import { filesIn } from './files-in.ts'
import { monitoringFiles } from './monitoring.ts'
import { renderReference } from './reference.ts'
import { type Regions, replaceRegions } from './regions.ts'
import { renderSubscriptions } from './subscriptions.ts'
import { renderWebRoutes } from './web.ts'

/** A file as the declarations want it. */
export interface Output {
  /** From the checkout. */
  path: string
  text: string
}

/**
 * Every file that follows from the declarations. A new kind of file, such as the values of a chart,
 * is one line here and the function that renders it.
 */
export function renderOutputs(): Output[] {
  const pubsub = regions('components/pubsub.yaml', pubsubRegions(services))
  const statestore = regions('components/statestore.yaml', statestoreRegions(services))
  const resiliency = regions('components/resiliency.yaml', resiliencyRegions(services))
  const components = { pubsub: pubsub.text, statestore: statestore.text, resiliency: resiliency.text }
  const monitoring = monitoringFiles(services)
  return [
    regions('dapr.yaml', { apps: renderApps(services) }),
    pubsub,
    statestore,
    resiliency,
    { path: `${chartFiles}/declared.yaml`, text: renderChartDeclarations(services, components) },
    ...chartMonitoring(monitoring).map(({ path, text }) => ({ path: `${chartFiles}/${path}`, text })),
    ...services.map((service) => ({ path: `dapr/access/${service.appId}.yaml`, text: renderAccess(service) })),
    ...services
      .filter((service) => topicsTakenBy(service).length > 0)
      .map((service) => ({ path: subscriptionsOf(service.appId), text: renderSubscriptions(service) })),
    ...monitoring.map(({ path, text }) => ({ path: `${monitoringFolder}/${path}`, text })),
    { path: 'web/src/generated/routes.json', text: renderWebRoutes() },
    { path: 'docs/reference.md', text: renderReference() },
    regions('docs/database.md', databaseRegions()),
    regions('docs/architecture.md', architectureRegions(services)),
    regions('README.md', readmeRegions(services)),
  ]
}

/** Files of services that are gone, or that take no events any more. */
export function staleFiles(outputs: readonly Output[]): string[] {
  const wanted = new Set(outputs.map(({ path }) => path))
  const access = readdirSync(join(root, 'dapr/access')).map((file) => `dapr/access/${file}`)
  const subscriptions = services
    .map(({ appId }) => subscriptionsOf(appId))
    .filter((path) => existsSync(join(root, path)))
  const folders = [monitoringFolder, chartFiles].flatMap((folder) => filesIn(join(root, folder)))
  return [...access, ...subscriptions, ...folders.map((file) => relative(root, file))].filter(
    (path) => !wanted.has(path),
  )
}

/** A chart reads no file outside its folder, so it has the rules and dashboards once more. */
function chartMonitoring(files: readonly Output[]): Output[] {
  return files
    .filter(({ path }) => path === 'prometheus/rules.yml' || path.startsWith('grafana/dashboards/'))
    .map(({ path, text }) => ({ path: path.replace(/^(prometheus|grafana)\//, ''), text }))
}

const chartFiles = 'charts/fanone/files'
const monitoringFolder = 'packages/monitoring/generated'
const subscriptionsOf = (appId: string) => `services/${appId}/dapr/subscriptions.yaml`

const regions = (path: string, parts: Regions): Output => ({
  path,
  text: replaceRegions(readFileSync(join(root, path), 'utf8'), parts),
})
