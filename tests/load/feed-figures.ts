/**
 * Measures the feed on the stack the environment names and prints the report. Loaded by feed.ts,
 * which starts the stack.
 */
import { newMember } from '../support/community.ts'
import { parts } from '../support/stack.ts'
import { layerVariants } from './feed-layers.ts'
import { PAGE_SIZE, planService } from './feed-requests.ts'
import { type LoadClient, startBareHandlers, startLoadClient } from './helpers.ts'
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
  const { variants, stop } = await mainVariants(pids)
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

async function mainVariants(pids: Record<string, number>): Promise<{ variants: Variant[]; stop(): Promise<void> }> {
  const first = await planService({ pages: 1 })
  const bare = startBareHandlers()
  const [page] = first.requests
  const own = { feed: pids.feed as number, redis: pids.redis as number }
  const variants = [
    { name: 'bare Express handler', plan: await bare.planFor(page as never), pids: { bare: bare.pid } },
    { name: 'feed service, first page', plan: first, pids: own },
    { name: 'feed service, scrolling', plan: await planService({ pages: PAGES }), pids: own },
  ]
  return { variants, stop: bare.stop }
}
