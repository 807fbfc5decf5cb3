import { renderPrometheusConfig, renderTargets } from '@fanone/monitoring'
import type { ServiceDeclaration } from '@fanone/service-kit'

/** The files of packages/monitoring/generated: what Prometheus watches. */
export function monitoringFiles(services: readonly ServiceDeclaration[]): { path: string; text: string }[] {
  const files = {
    'prometheus.yml': renderPrometheusConfig(),
    ...renderTargets(services, () => 1),
  }
  return Object.entries(files).map(([name, text]) => ({ path: `prometheus/${name}`, text: `${mark}\n${text}` }))
}

const mark = '# Written by npm run generate. Ports are those of the port base 7000; npm start shifts them.'
