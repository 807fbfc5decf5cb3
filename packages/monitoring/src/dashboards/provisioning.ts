import { stringify } from 'yaml'
import { monitoringPorts, onLoopback } from '../ports.ts'

/** What Grafana reads at its start, by path: where Prometheus is, and where the dashboards are. */
export function renderProvisioning(): Record<string, string> {
  return {
    'datasources/fanone.yml': stringify({
      apiVersion: 1,
      datasources: [
        {
          name: 'Prometheus',
          type: 'prometheus',
          uid: 'fanone-prometheus',
          url: `http://${onLoopback(monitoringPorts.prometheus)}`,
          isDefault: true,
        },
      ],
    }),
    // Grafana resolves variables of its environment in these files.
    'dashboards/fanone.yml': stringify({
      apiVersion: 1,
      providers: [{ name: 'FanOne', folder: 'FanOne', type: 'file', options: { path: '$FANONE_DASHBOARDS' } }],
    }),
  }
}
