import { answers, overview } from './overview.ts'
import type { Dashboard } from './panel.ts'
import { dapr, node } from './platform.ts'
import { business, caches, media } from './product.ts'
import { kafka, mysql, redis } from './servers.ts'

/** Every dashboard, with one for each service. */
export function dashboardsOf(appIds: readonly string[]): Dashboard[] {
  return [overview, kafka, node, dapr, mysql, redis, media, caches, business, ...appIds.map(serviceDashboard)]
}

function serviceDashboard(appId: string): Dashboard {
  const panels = [...answers, ...node.panels, ...dapr.panels.slice(0, 5)]
  return {
    id: `service-${appId}`,
    title: `Service ${appId}`,
    hasInstances: false,
    // May be empty: not every service calls others, has workers, or has been asked.
    panels: panels.map((panel) => ({ ...panel, queries: panel.queries.map(ofService(appId)), isQuiet: true })),
  }
}

const ofService =
  (appId: string) =>
  <Query extends { expression: string }>(query: Query): Query => ({
    ...query,
    expression: query.expression.replaceAll('app=~"$app"', `app="${appId}"`).replaceAll(', instance=~"$instance"', ''),
  })
