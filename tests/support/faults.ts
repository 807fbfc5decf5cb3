import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { connectAsRoot } from './scratch-database.ts'
import { type SidecarAddress, sidecarOf } from './sidecars.ts'
import { healthy, kill9, killIfAlive, part, port } from './stack.ts'

/**
 * Stops a process where it is, as if the machine had no time for it.
 *
 * @returns what lets it go on; at the end of the test it goes on in any case
 */
export async function freeze(name: string): Promise<() => void> {
  const { pid } = await part(name)
  if (!pid) throw new Error(`${name} is not running`)
  process.kill(pid, 'SIGSTOP')
  let isFrozen = true
  const thaw = () => {
    try {
      if (isFrozen) process.kill(pid, 'SIGCONT')
    } catch {
      // killed meanwhile
    }
    isFrozen = false
  }
  onTestFinished(thaw)
  return thaw
}

/**
 * Kills a part whenever the supervisor has restarted it, like a service that crashes at its start.
 *
 * @returns what lets it come back; the end of the test does so too
 */
export async function keepDown(name: string): Promise<() => Promise<void>> {
  await kill9(name)
  let isDown = true
  const killing = (async () => {
    while (isDown) {
      const { pid } = await part(name)
      if (pid) killIfAlive(pid)
      await delay(50)
    }
  })()
  const release = async () => {
    isDown = false
    await killing
  }
  onTestFinished(async () => {
    await release()
    await healthy(name)
  })
  return release
}

/** Kills parts with SIGKILL, all at once, and waits until others have taken their places. */
export async function killAndAwait(...names: string[]): Promise<void> {
  const pids = await Promise.all(names.map(kill9))
  await Promise.all(names.map((name, index) => healthy(name, { not: pids[index] as number })))
}

/** How many events a service has committed and not published. */
export async function unpublishedEvents(database: string): Promise<number> {
  const admin = await connectAsRoot()
  try {
    const [rows] = await admin.query(`select count(*) as waiting from ${database}.outbox`)
    return Number((rows as { waiting: number }[])[0]?.waiting)
  } finally {
    await admin.end()
  }
}

/** An event as the video service's outbox relay sends it. */
export interface RawEvent {
  id?: string
  type: string
  aggregateId: number
  data: unknown
  traceparent?: string
}

/**
 * Publishes events through their sender's sidecar, as its relay does: for events the service never
 * sends.
 */
export async function publishRaw(topic: string, events: RawEvent[]): Promise<void> {
  const [sender = ''] = topic.split('.')
  await publishThrough(await sidecarOf(sender), topic, events)
}

/** The same through any sidecar, also one of another installation. */
export async function publishThrough(
  sidecar: Pick<SidecarAddress, 'port' | 'token'>,
  topic: string,
  events: RawEvent[],
): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${sidecar.port}/v1.0/publish/bulk/pubsub/${topic}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'dapr-api-token': sidecar.token },
    body: JSON.stringify(events.map(toEntry)),
  })
  if (response.status >= 300) throw new Error(`the broker did not take it: ${response.status} ${await response.text()}`)
}

function toEntry({ id = randomUUID(), type, aggregateId, data, traceparent }: RawEvent, index: number) {
  const trace = traceparent ? { traceparent, traceid: traceparent.split('-')[1] } : {}
  return {
    entryId: String(index),
    contentType: 'application/cloudevents+json',
    metadata: { partitionKey: String(aggregateId) },
    event: { specversion: '1.0', id, source: 'video', type, datacontenttype: 'application/json', data, ...trace },
  }
}

/** Text of the metrics of a sidecar, by its metrics port in dapr.yaml. */
export async function sidecarMetrics(metricsPort: number): Promise<string> {
  return (await fetch(`http://127.0.0.1:${port(metricsPort)}/metrics`)).text()
}
