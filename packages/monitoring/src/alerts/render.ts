import { stringify } from 'yaml'
import type { Alert } from './alert.ts'

/** Rules for Prometheus, one for each alert, with links to its runbook and its dashboard. */
export function renderRules(alerts: readonly Alert[]): string {
  const rules = alerts.map(({ name, expression, forSeconds, severity, summary, dashboard }) => ({
    alert: name,
    expr: expression,
    for: `${forSeconds}s`,
    labels: { severity },
    annotations: { summary, runbook: `docs/runbooks/${name}.md`, dashboard: `/d/fanone-${dashboard}` },
  }))
  return stringify({ groups: [{ name: 'fanone', rules }] }, { lineWidth: 0 })
}

/**
 * alertmanager.yml: alerts of one name come together, and again after four hours.
 *
 * @param webhook where they go; nowhere but the page of Alertmanager without one
 */
export function renderAlertmanagerConfig(webhook?: string): string {
  return stringify({
    route: {
      receiver: 'people',
      group_by: ['alertname', 'app'],
      group_wait: '10s',
      group_interval: '1m',
      repeat_interval: '4h',
    },
    // A server that is away makes everything fail that needs it: its own alert says enough.
    inhibit_rules: [
      {
        source_matchers: ['alertname = ServerDown'],
        target_matchers: ['alertname =~ "OutboxStuck|ConsumerStopped|ConsumerLagGrows|WorkerBehind"'],
      },
    ],
    receivers: [{ name: 'people', ...(webhook && { webhook_configs: [{ url: webhook }] }) }],
  })
}
