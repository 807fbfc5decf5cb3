import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { scaleAlert } from './alert.ts'
import { alerts } from './alerts.ts'
import { renderAlertmanagerConfig, renderRules } from './render.ts'

/** What is measured each minute, as promtool writes it: `1+2x10` is 1, then ten times 2 more. */
type Series = Readonly<Record<string, string>>

interface Case {
  /** Fires after so long. */
  after: string
  bad: Series
  /** The labels that the alert names. */
  labels: Readonly<Record<string, string>>
  good: Series
}

const requests = (status: string, values: string) => ({
  [`fanone_http_request_duration_seconds_count{app="gateway", status="${status}"}`]: values,
})
const slow = (share: number) => ({
  'fanone_http_request_duration_seconds_bucket{app="gateway", method="GET", route="/v1/videos/{id}", le="1"}': `0+${100 - share}x60`,
  'fanone_http_request_duration_seconds_bucket{app="gateway", method="GET", route="/v1/videos/{id}", le="2.5"}':
    '0+100x60',
  'fanone_http_request_duration_seconds_bucket{app="gateway", method="GET", route="/v1/videos/{id}", le="+Inf"}':
    '0+100x60',
})
const lag = (values: string, members: number) => ({
  'fanone_consumer_lag{group="feed", topic="video.published"}': values,
  'fanone_consumer_members{group="feed"}': `${members}x60`,
})
const ofFeed = { app: 'feed' }
const ofLag = { group: 'feed', topic: 'video.published' }
const breaker = (open: string) => ({
  'dapr_resiliency_cb_state{app="feed", app_id="feed", status="open", target="app_video"}': open,
  'dapr_resiliency_cb_state{app="feed", app_id="feed", status="closed", target="app_video"}': '0x60',
})
const disk = (free: string) => ({
  'node_filesystem_avail_bytes{fstype="ext4", mountpoint="/"}': free,
  'node_filesystem_size_bytes{fstype="ext4", mountpoint="/"}': '100x60',
})

const cases: Readonly<Record<string, Case>> = {
  ErrorBudgetBurnsFast: {
    after: '60m',
    bad: { ...requests('200', '0+97x60'), ...requests('503', '0+3x60') },
    labels: {},
    // Within the hour it was bad, and it no longer is.
    good: { ...requests('200', '0+97x60'), ...requests('503', '0+30x20 600x40') },
  },
  ErrorBudgetBurnsSlowly: {
    after: '7h',
    bad: { ...requests('200', '0+99x420'), ...requests('500', '0+1x420') },
    labels: {},
    good: { ...requests('200', '0+1000x420'), ...requests('500', '0+1x420') },
  },
  RequestsSlow: { after: '40m', bad: slow(5), labels: {}, good: slow(0) },
  ConsumerLagGrows: { after: '40m', bad: lag('0+20x60', 1), labels: ofLag, good: lag('900-20x40 100-1x20', 1) },
  ConsumerStopped: { after: '10m', bad: lag('5x60', 0), labels: ofLag, good: lag('5x60', 1) },
  OutboxStuck: {
    after: '10m',
    bad: { 'fanone_outbox_lag_seconds{app="feed"}': '0+60x60' },
    labels: ofFeed,
    good: { 'fanone_outbox_lag_seconds{app="feed"}': '0 20 40 0x60' },
  },
  DeadLetters: {
    after: '20m',
    bad: { 'fanone_topic_messages{topic="feed.dead-letters"}': '0x18 3x40' },
    labels: { topic: 'feed.dead-letters' },
    good: { 'fanone_topic_messages{topic="feed.dead-letters"}': '3x60' },
  },
  BreakerOpen: {
    after: '10m',
    bad: breaker('0x5 1x60'),
    labels: { ...ofFeed, target: 'app_video' },
    good: breaker('0x60'),
  },
  SidecarDown: {
    after: '10m',
    bad: { 'up{job="sidecar", app="feed"}': '0x60' },
    labels: { ...ofFeed, job: 'sidecar' },
    good: { 'up{job="sidecar", app="feed"}': '1 0 1x60' },
  },
  ServiceDown: {
    after: '10m',
    bad: { 'up{job="service", app="feed"}': '0x60' },
    labels: { ...ofFeed, job: 'service' },
    good: { 'up{job="service", app="feed"}': '1x60' },
  },
  ServerDown: {
    after: '10m',
    bad: { 'up{job="mysql"}': '1x60', 'mysql_up{job="mysql"}': '0x60' },
    labels: { job: 'mysql' },
    good: { 'up{job="mysql"}': '1x60', 'mysql_up{job="mysql"}': '1x60' },
  },
  CertificateEnds: {
    after: '2h',
    bad: { dapr_sentry_issuercert_expiry_timestamp: `${29 * 86_400}x180` },
    labels: {},
    good: { dapr_sentry_issuercert_expiry_timestamp: `${365 * 86_400}x180` },
  },
  DiskFills: { after: '20m', bad: disk('9x60'), labels: { fstype: 'ext4', mountpoint: '/' }, good: disk('11x60') },
  WorkerBehind: {
    after: '20m',
    bad: { 'fanone_worker_failures{app="feed", worker="rebuild"}': '0+1x60' },
    labels: { ...ofFeed, worker: 'rebuild' },
    good: { 'fanone_worker_failures{app="feed", worker="rebuild"}': '0 1 2 0x60' },
  },
  MediaQueueOld: {
    after: '50m',
    bad: { 'fanone_video_media_queue_age_seconds{app="video"}': '0+60x60' },
    labels: {},
    good: { 'fanone_video_media_queue_age_seconds{app="video"}': '900x60' },
  },
}

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fanone-rules-'))
  writeFileSync(join(folder, 'rules.yml'), renderRules(alerts))
  // Annotations hold numbers; promtool would compare them, too.
  const { groups } = parse(renderRules(alerts)) as { groups: { name: string; rules: object[] }[] }
  const bare = groups.map(({ name, rules }) => ({ name, rules: rules.map((rule) => ({ ...rule, annotations: {} })) }))
  writeFileSync(join(folder, 'bare.yml'), stringify({ groups: bare }))
})
afterAll(() => rmSync(folder, { recursive: true }))

test('every alert has a case here and a runbook that says what to look at and what to do', () => {
  const names = alerts.map(({ name }) => name)
  expect(Object.keys(cases).toSorted()).toEqual(names.toSorted())
  for (const name of names)
    expect(existsSync(join(import.meta.dirname, `../../../../docs/runbooks/${name}.md`)), name).toBe(true)
})

test('each fires at its fault, and not without', { timeout: 30_000 }, async () => {
  const tests = Object.entries(cases).flatMap(([name, { after, bad, labels, good }]) => {
    const { severity } = alerts.find((alert) => alert.name === name) ?? {}
    const when = (what: string, series: Series, expected: object[]) => ({
      name: `${name} ${what}`,
      interval: '1m',
      input_series: Object.entries(series).map(([key, values]) => ({ series: key, values })),
      alert_rule_test: [{ eval_time: after, alertname: name, exp_alerts: expected }],
    })
    return [when('at its fault', bad, [{ exp_labels: { ...labels, severity } }]), when('in good times', good, [])]
  })
  writeFileSync(join(folder, 'tests.yml'), stringify({ rule_files: ['bare.yml'], tests }))
  const { all, exitCode } = await execa('promtool', ['test', 'rules', 'tests.yml'], {
    cwd: folder,
    all: true,
    reject: false,
  })
  expect(exitCode, all).toBe(0)
})

test('what is written for Prometheus and Alertmanager is what they read', { timeout: 30_000 }, async () => {
  writeFileSync(join(folder, 'alertmanager.yml'), renderAlertmanagerConfig('http://127.0.0.1:9/alerts'))
  await execa('amtool', ['check-config', 'alertmanager.yml'], { cwd: folder })
  await execa('promtool', ['check', 'rules', 'rules.yml'], { cwd: folder })
})

test('an alert can be tried with shorter windows and waits', () => {
  const alert = { ...alerts[0], expression: 'rate(a[1h]) > 2 and rate(a[5m]) > 2', forSeconds: 120 } as never
  expect(scaleAlert(alert, 1 / 60)).toMatchObject({ expression: 'rate(a[60s]) > 2 and rate(a[6s]) > 2', forSeconds: 2 })
})
