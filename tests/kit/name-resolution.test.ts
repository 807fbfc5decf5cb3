import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { endSidecar, type MeshSidecar, SmallMesh } from '../support/small-mesh.ts'
import { eventually, sumMetric } from '../support/stack.ts'

/** The row of a sidecar that was killed may be chosen for five seconds, counted in whole ones. */
const LISTED_MS = 6_000
let mesh: SmallMesh
let caller: MeshSidecar
const apps: Server[] = []
const callees = new Map<string, MeshSidecar>()

beforeAll(async () => {
  mesh = await SmallMesh.open(['callee'])
  caller = await mesh.start('caller')
  for (const name of ['a', 'b']) callees.set(name, await startCallee(name))
}, 600_000)

afterAll(async () => {
  await mesh?.close()
  for (const app of apps) app.close()
})

test('calls spread over two instances', async () => {
  await eventually(async () => Object.keys(await callMany(20)).length === 2)
  const answers = await callMany(400)
  expect((answers.a ?? 0) + (answers.b ?? 0)).toBe(400)
  expect(Math.min(answers.a ?? 0, answers.b ?? 0), JSON.stringify(answers)).toBeGreaterThan(100)
})

test('no call is lost when an instance is killed, which is called no longer than its row is listed', async () => {
  await endSidecar(callees.get('b') as MeshSidecar, 'SIGKILL')
  const killedAt = performance.now()
  // Asked all the time, so that what is remembered is as fresh as it gets.
  while (performance.now() - killedAt < LISTED_MS) expect(await call()).toBe('a')
  const whileListed = await repeatedCalls()
  expect(whileListed, 'calls that met the dead instance').toBeGreaterThan(0)
  // Half of them would meet it if it were still chosen.
  expect(await callMany(100)).toEqual({ a: 100 })
  expect(await repeatedCalls()).toBe(whileListed)
})

test('a new instance is found', async () => {
  callees.set('c', await startCallee('c'))
  await eventually(async () => ((await callMany(20)).c ?? 0) > 0)
})

test('no call is lost when an instance says goodbye, which is called no more', async () => {
  const leaving = endSidecar(callees.get('a') as MeshSidecar, 'SIGTERM')
  const has = { left: false }
  void leaving.then(() => {
    has.left = true
  })
  while (!has.left) expect(await call()).toMatch(/^[ac]$/)
  expect(await callMany(100)).toEqual({ c: 100 })
})

/** @returns the name of the instance that answered, or what went wrong */
async function call(): Promise<string> {
  try {
    const url = `http://127.0.0.1:${caller.port}/v1.0/invoke/callee/method/name`
    const response = await fetch(url, { signal: AbortSignal.timeout(30_000) })
    const text = await response.text()
    return response.ok ? text : `${response.status} ${text}`
  } catch (error) {
    return String(error)
  }
}

/** How many calls the sidecar of the caller has repeated, because nobody answered. */
async function repeatedCalls(): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${caller.metricsPort}/metrics`)).text()
  return sumMetric(text, 'dapr_resiliency_activations_total', { policy: 'retry' })
}

/** How often each answer came. */
async function callMany(count: number): Promise<Record<string, number>> {
  const tally: Record<string, number> = {}
  for (let index = 0; index < count; index++) {
    const answer = await call()
    tally[answer] = (tally[answer] ?? 0) + 1
  }
  return tally
}

async function startCallee(name: string): Promise<MeshSidecar> {
  const app = createServer((_request, response) => response.end(name)).listen(0, '127.0.0.1')
  apps.push(app)
  await once(app, 'listening')
  return await mesh.start('callee', { appPort: (app.address() as AddressInfo).port })
}
