import { appIds, v1Contract } from '@fanone/contracts/gateway'
import { routesOf } from '../routing/request-context.ts'
import { curvesOf, listDashboards } from './curves.ts'
import { healthOf } from './health.ts'
import type { Prometheus } from './prometheus.ts'
import { errorsOf, lagOf, versionsOf } from './reports.ts'

export function monitoringV1({ prometheus }: { prometheus: Prometheus }) {
  const routes = routesOf(v1Contract.monitoring)
  return routes.router({
    health: routes.health.handler(async () => ({ items: await healthOf(prometheus, new Date()) })),
    versions: routes.versions.handler(() => versionsOf(prometheus)),
    lag: routes.lag.handler(async () => ({ items: await lagOf(prometheus) })),
    panels: routes.panels.handler(() => ({ dashboards: listDashboards(), apps: appIds })),
    curves: routes.curves.handler(({ input }) => curvesOf(prometheus, input, new Date())),
    errors: routes.errors.handler(async ({ input }) => ({ items: await errorsOf(prometheus, input, new Date()) })),
  })
}
