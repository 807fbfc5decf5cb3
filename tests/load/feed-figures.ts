/**
 * Measures the feed on the stack the environment names and prints the report. Loaded by feed.ts,
 * which starts the stack.
 */
import { newMember } from '../support/community.ts'
import { parts } from '../support/stack.ts'
import { layerVariants } from './feed-layers.ts'
import { PAGE_SIZE, planGateway, planService } from './feed-requests.ts'
import { type LoadClient, startBareHandler, startLoadClient } from './helpers.ts'
import { describeMachine, layerTable, mainTable, ratios } from './report.ts'
import { type Figures, measure, type Variant } from './rounds.ts'
import { addVideos } from './videos.ts'

const PAGES = 8

export interface FeedOptions {
  rounds: number
  until: { seconds: number }
  /** Numbers of connections, each measured by itself. */
  connections: number[]
}

export async function measureFeed(options: FeedOptions): Promise<void> {
  await addVideos(PAGES * PAGE_SIZE)
  const client = startLoadClient()
  const { accessToken } = (await newMember('reader')).tokens
  const pids = await stackPids()
  const { variants, stop } = await mainVariants(accessToken, pids)
  console.log(await describeMachine())
  try {
    const byConnections = new Map<number, Map<string, Figures>>()
    for (const connections of options.connections) {
      byConnections.set(connections, await measure(variants, { ...options, client, connections }))
      console.log(mainTable(connections, byConnections.get(connections) as never))
    }
    console.log(ratios(byConnections))
    await measureLayers({ ...options, client, accessToken, pids })
  } finally {
    await stop()
    await client.stop()
  }
}

/** Each layer's price: the same with the layer and without. */
async function measureLayers(
  options: FeedOptions & { client: LoadClient; accessToken: string; pids: Record<string, number> },
): Promise<void> {
  const { feed, gateway, stop } = await layerVariants({ ...options, pages: PAGES })
  const connections = Math.max(...options.connections)
  try {
    for (const [title, variants] of Object.entries({ 'At the feed service': feed, 'Through the gateway': gateway }))
      console.log(layerTable(title, connections, await measure(variants, { ...options, connections })))
  } finally {
    await stop()
  }
}

/**
 * What answers are charged with: everything of the stack but Zipkin, which is a tool to look at
 * traces and not on the way.
 */
async function stackPids(): Promise<Record<string, number>> {
  const all = (await parts()).filter(({ part, pid }) => part !== 'zipkin' && pid)
  return Object.fromEntries(all.map(({ part, pid }) => [part, pid as number]))
}

async function mainVariants(
  accessToken: string,
  pids: Record<string, number>,
): Promise<{ variants: Variant[]; stop(): Promise<void> }> {
  const anonymous = await planGateway({ pages: 1 })
  const [page] = anonymous.requests
  const bare = await startBareHandler(page?.expected as string)
  const variants = [
    { name: '(a) bare Express handler', plan: { ...anonymous, url: bare.url }, pids: { bare: bare.pid } },
    { name: '(b) gateway, anonymous', plan: anonymous, pids },
    { name: '(c) gateway, token, first page', plan: await planGateway({ pages: 1, accessToken }), pids },
    { name: '(c) gateway, token, scrolling', plan: await planGateway({ pages: PAGES, accessToken }), pids },
    { name: '(d) feed service, first page', plan: await planService({ pages: 1 }), pids },
    { name: '(d) feed service, scrolling', plan: await planService({ pages: PAGES }), pids },
  ]
  return { variants, stop: bare.stop }
}
