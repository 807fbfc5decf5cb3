import {
  DashboardBuilder,
  DashboardLinkBuilder,
  DashboardLinkType,
  QueryVariableBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries'
import type { Dashboard, Panel } from './panel.ts'

/** The uid of the data source in provisioning/datasources.yml. */
const PROMETHEUS = { type: 'prometheus', uid: 'fanone-prometheus' }
const COLUMNS = 24
const PANELS_IN_A_ROW = 3

/** A dashboard as Grafana reads it from a file. */
export function renderDashboard(dashboard: Dashboard): string {
  const builder = new DashboardBuilder(dashboard.title)
    .uid(`fanone-${dashboard.id}`)
    .tags(['fanone'])
    .refresh('30s')
    .time({ from: 'now-1h', to: 'now' })
    .timezone('browser')
    .link(link('FanOne', '').type(DashboardLinkType.Dashboards).tags(['fanone']).asDropdown(true))
  if (dashboard.hasInstances)
    builder
      .withVariable(variable('app', 'Service', 'label_values(up{job="service"}, app)'))
      .withVariable(variable('instance', 'Instance', 'label_values(up{job="service", app=~"$app"}, instance)'))
  for (const panel of dashboard.panels) builder.withPanel(panelOf(panel))
  return `${JSON.stringify(builder.build(), null, 2)}\n`
}

function panelOf({ title, description, unit, queries, threshold, alert }: Panel): PanelBuilder {
  const panel = new PanelBuilder()
    .title(title)
    .description(description)
    .unit(unit)
    .min(0)
    .datasource(PROMETHEUS)
    .span(COLUMNS / PANELS_IN_A_ROW)
    .height(8)
  if (threshold !== undefined)
    panel.thresholds(
      new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([
        { value: null, color: 'green' },
        { value: threshold, color: 'red' },
      ]),
    )
  if (alert !== undefined) panel.links([link(`Runbook: ${alert}`, `docs/runbooks/${alert}.md`).targetBlank(true)])
  for (const [index, { expression, legend }] of queries.entries())
    panel.withTarget(
      new DataqueryBuilder()
        .refId(String.fromCharCode(65 + index))
        .expr(expression)
        .legendFormat(legend)
        .range(),
    )
  return panel
}

const link = (title: string, url: string) => new DashboardLinkBuilder(title).url(url)

function variable(name: string, label: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .query(query)
    .datasource(PROMETHEUS)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
}
