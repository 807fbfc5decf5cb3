import {
  alerts,
  renderAlertmanagerConfig,
  renderPrometheusConfig,
  renderRules,
  renderTargets,
} from '@fanone/monitoring'
import { dashboardsOf, renderDashboard, renderProvisioning } from '@fanone/monitoring/dashboards'
import type { ServiceDeclaration } from '@fanone/service-kit'

/** The files of packages/monitoring/generated: what is watched, when it calls, how it is shown. */
export function monitoringFiles(services: readonly ServiceDeclaration[]): { path: string; text: string }[] {
  const prometheus = {
    'prometheus.yml': renderPrometheusConfig(),
    'rules.yml': renderRules(alerts),
    'alertmanager.yml': renderAlertmanagerConfig(),
    ...renderTargets(services, () => 1),
  }
  const marked = (text: string) => `${mark}\n${text}`
  return [
    ...Object.entries(prometheus).map(([name, text]) => ({ path: `prometheus/${name}`, text: marked(text) })),
    ...Object.entries(renderProvisioning()).map(([name, text]) => ({
      path: `grafana/provisioning/${name}`,
      text: marked(text),
    })),
    ...dashboardsOf(services.map(({ appId }) => appId)).map((dashboard) => ({
      path: `grafana/dashboards/${dashboard.id}.json`,
      text: renderDashboard(dashboard),
    })),
  ]
}

const mark = '# Written by npm run generate. Ports are those of the port base 7000; npm start shifts them.'
