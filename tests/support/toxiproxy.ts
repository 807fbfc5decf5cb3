import { onTestFinished } from 'vitest'
import { port } from './stack.ts'

/** What can be spoilt: the way of all services and sidecars to one server. */
export type Link = 'mysql' | 'redis' | 'kafka'

/** How; times in ms, sizes in bytes (https://github.com/Shopify/toxiproxy#toxics). */
export type Toxic =
  | { type: 'latency'; latency: number; jitter?: number }
  /** KB a second. */
  | { type: 'bandwidth'; rate: number }
  /** Small pieces, `delay` microseconds apart. */
  | { type: 'slicer'; average_size: number; size_variation: number; delay: number }
  /** Resets every connection after `timeout`, new ones too. */
  | { type: 'reset_peer'; timeout: number }
  /** Swallows everything; closes after `timeout`, with 0 never. */
  | { type: 'timeout'; timeout: number }

/**
 * The port of a server behind Toxiproxy, by its usual port, for tests that inspect it during a
 * fault.
 */
export const portBehindProxy = (written: 7001 | 7002 | 7003) => port(written + 20)

/**
 * Spoils a link in both directions (a reset only towards the services: each connection ends once).
 *
 * @returns what makes it good again; at the end of the test it is good in any case
 */
export async function spoil(link: Link, toxic: Toxic): Promise<() => Promise<void>> {
  const streams = toxic.type === 'reset_peer' ? ['downstream'] : ['downstream', 'upstream']
  const { type, ...attributes } = toxic
  for (const stream of streams)
    await request('POST', `/proxies/${link}/toxics`, { name: `${type}_${stream}`, type, stream, attributes })
  return healedOnce(async () => {
    for (const stream of streams) await request('DELETE', `/proxies/${link}/toxics/${type}_${stream}`)
  })
}

/** Takes a server away: connections end, new ones are refused. @returns what brings it back */
export async function cut(link: Link): Promise<() => Promise<void>> {
  await request('POST', `/proxies/${link}`, { enabled: false })
  return healedOnce(() => request('POST', `/proxies/${link}`, { enabled: true }))
}

function healedOnce(heal: () => Promise<void>): () => Promise<void> {
  let healing: Promise<void> | undefined
  const once = () => {
    healing ??= heal()
    return healing
  }
  onTestFinished(once)
  return once
}

async function request(method: string, path: string, body?: unknown): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port(7009)}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!response.ok)
    throw new Error(`Toxiproxy answered ${response.status} to ${method} ${path}: ${await response.text()}`)
}
