import { beforeAll, expect, test } from 'vitest'
import { query, watchClosely } from '../support/prometheus.ts'
import { appIds } from '../support/services.ts'
import { listeningSockets } from '../support/sockets.ts'
import { cli, eventually, parts } from '../support/stack.ts'

beforeAll(watchClosely)

const singleJobs = ['alertmanager', 'kafka', 'lag', 'mysql', 'node', 'prometheus', 'redis', 'sentry']

test('every service and sidecar is scraped, and every server they lean on', async () => {
  await eventually(async () => {
    const up = await query('up == 1')
    const seen = up.map(({ labels }) => `${labels.job} ${labels.app ?? ''}`.trim()).toSorted()
    const expected = [...appIds.flatMap((appId) => [`service ${appId}`, `sidecar ${appId}`]), ...singleJobs]
    expect(seen).toEqual(expected.toSorted())
    expect(await query('up == 0')).toEqual([])
    return true
  })
})

test('exporters reach what they tell of', async () => {
  await eventually(async () => {
    const reached = await query('mysql_up == 1 or redis_up == 1 or kafka_controller_activecontrollercount == 1')
    return reached.length === 3
  })
})

test('what watches is on loopback, too', async () => {
  const watching = (await parts()).filter(
    ({ part }) => part === 'kafka' || /prometheus|alertmanager|exporter/.test(part),
  )
  expect(watching).toHaveLength(7)
  for (const { part, pid } of watching)
    expect(new Set(listeningSockets(pid as number).map(({ address }) => address)), part).toEqual(new Set(['127.0.0.1']))
})

test('a further instance is scraped while it runs', { timeout: 120_000 }, async () => {
  const instances = async () => (await query('up{job="service", app="relation"}')).map(({ value }) => value)
  expect((await cli('scale', 'relation', '2')).exitCode).toBe(0)
  await eventually(async () => (await instances()).join() === '1,1')
  expect((await cli('scale', 'relation', '1')).exitCode).toBe(0)
  await eventually(async () => (await query('up{app="relation"}')).length === 2)
})
