import { beforeAll, expect, test } from 'vitest'
import type { Member } from '../support/community.ts'
import { expectProblem, send } from '../support/http.ts'
import { newOperator } from '../support/operators.ts'
import { ask, watchClosely } from '../support/prometheus.ts'
import { drawn } from '../support/sampling.ts'
import { appIds } from '../support/services.ts'
import { eventually, part } from '../support/stack.ts'
import { readTraces, senderOf } from '../support/traces.ts'

let ops: Member['api']['monitoring']
beforeAll(async () => {
  await watchClosely()
  ops = (await newOperator()).api.monitoring
})

const servers = ['alertmanager', 'kafka', 'lag', 'mysql', 'node', 'prometheus', 'redis', 'sentry']

test('an operator sees every part, since when it is up and what it is', async () => {
  await eventually(async () => {
    const { items } = await ops.health()
    const named = items.map(({ kind, app }) => (app === null ? kind : `${kind} ${app}`))
    const ofApps = appIds.flatMap((appId) => [`service ${appId}`, `sidecar ${appId}`])
    expect(named.toSorted()).toEqual([...ofApps, ...servers].toSorted())
    for (const { kind, app, state, since, version } of items) {
      const telling = { kind, app, state, isDated: Date.parse(since ?? '') > Date.now() - 86_400_000 }
      expect(telling).toEqual({ kind, app, state: 'up', isDated: true })
      // Neither sidecars nor Sentry, nor what is ours, tell a version.
      if (!['sidecar', 'sentry', 'lag'].includes(kind))
        expect({ kind, app, version }).not.toMatchObject({ version: null })
    }
    return true
  })
})

test('what does not answer is down since it was seen last, and up again', async () => {
  const before = Date.now()
  const { pid } = await part('lag-exporter')
  const stateOf = async () => (await ops.health()).items.find(({ kind }) => kind === 'lag')
  process.kill(pid as number, 'SIGSTOP')
  try {
    const down = await eventually(async () => {
      const found = await stateOf()
      return found?.state === 'down' && found
    })
    expect(Date.parse(down.since ?? '')).toBeGreaterThan(before - 60_000)
  } finally {
    process.kill(pid as number, 'SIGCONT')
  }
  await eventually(async () => (await stateOf())?.state === 'up')
})

test('instances of one service run one release with one configuration', async () => {
  const { items, differing } = await ops.versions()
  expect(items.map(({ app }) => app).toSorted()).toEqual([...appIds].toSorted())
  expect(new Set(items.map(({ release }) => release)).size).toBe(1)
  for (const { configuration } of items) expect(configuration).toMatch(/^[0-9a-f]{12}$/)
  expect(differing).toEqual([])
})

test('panels are listed, and drawn', { timeout: 60_000 }, async () => {
  const { dashboards } = await ops.panels()
  for (const { id } of drawn(
    dashboards.flatMap(({ panels }) => panels),
    20,
  )) {
    const { curves } = await ops.curves({ panel: id })
    for (const { points } of curves) expect(points.length).toBeGreaterThan(0)
  }
  const { curves } = await ops.curves({ panel: 'overview.cpu' })
  expect(curves.map(({ name }) => name).toSorted()).toEqual([...appIds].toSorted())
  const instance = (await ops.versions()).items.find(({ app }) => app === 'gateway')?.instance
  const ofOne = await ops.curves({ panel: 'overview.cpu', app: 'gateway', instance })
  expect(ofOne.curves.map(({ name }) => name)).toEqual(['gateway'])
  await expect(ops.curves({ panel: 'overview.cpu', instance: '127.0.0.1:1' })).rejects.toMatchObject({
    code: 'invalid_input',
  })
})

test('the lag of every group is told by topic, with the members that take it', async () => {
  const { items } = await ops.lag()
  const groups = new Set(items.map(({ group }) => group))
  expect(groups).toEqual(new Set(appIds.filter((appId) => appId !== 'gateway')))
  for (const { lag } of items) expect(lag).toBeGreaterThanOrEqual(0)
})

test('an error is shown with the ids of traces that clients were told', async () => {
  const told = new Set<string>()
  await eventually(async () => {
    const answer = await send('POST', '/v1/sessions', {
      json: { username: 'nobody-at-all', password: 'not it at all' },
    })
    expectProblem(answer, 401, 'wrong_credentials')
    told.add((answer.json as { traceId: string }).traceId)
    const { items } = await ops.errors({ kind: 'refusal', app: 'gateway', minutes: '5' as never })
    const found = items.find(({ route, code }) => route === '/v1/sessions' && code === 'wrong_credentials')
    return found?.status === 401 && found.count > 0 && found.examples.some(({ traceId }) => told.has(traceId))
  })
})

test('a bucket of latencies leads to a trace that is kept', async () => {
  const bucket = 'fanone_http_request_duration_seconds_bucket{app="gateway"}'
  const traceId = await eventually(async () => {
    const range = { start: String(Date.now() / 1_000 - 60), end: String(Date.now() / 1_000) }
    const { data } = await ask('query_exemplars', { query: bucket, ...range })
    const [series] = data as { exemplars: { labels: { trace_id: string } }[] }[]
    return series?.exemplars.at(-1)?.labels.trace_id
  })
  const [spans] = (await readTraces([traceId], (found) => found.some((span) => senderOf(span) === 'gateway'))).values()
  expect(spans?.length).toBeGreaterThan(0)
})
