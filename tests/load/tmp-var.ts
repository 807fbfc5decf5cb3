process.env.FANONE_HOME ??= '.fanone-test'
const { part } = await import('../support/stack.ts')
const { planService, planGateway } = await import('./feed-requests.ts')
const { startLoadClient, startBareHandler } = await import('./helpers.ts')
const { measure } = await import('./rounds.ts')
const { addVideos } = await import('./videos.ts')
const client = startLoadClient()
const v = await addVideos(31)
const redis = (await part('redis')).pid as number,
  feed = (await part('feed')).pid as number,
  gateway = (await part('gateway')).pid as number
const anonymous = await planGateway({ pages: 1 })
const bare = await startBareHandler(anonymous.requests[0]?.expected as string)
const untraced = `00-${'4b'.repeat(16)}-${'f0'.repeat(8)}-00`
const variants = [
  { name: 'bare', plan: { ...anonymous, url: bare.url }, pids: { bare: bare.pid } },
  { name: 'b', plan: anonymous, pids: { gateway } },
  { name: 'd', plan: await planService({ pages: 1, traceparent: untraced }), pids: { feed, redis } },
]
await measure(variants, { client, rounds: 1, until: { answers: 100 }, connections: 8, warmUpAnswers: 6000 })
const { loadavg } = await import('node:os')
for (let i = 0; i < 10; i++) {
  const f = await measure(variants, { client, rounds: 1, until: { answers: 6000 }, connections: 8, warmUpAnswers: 16 })
  const [a, b, d] = ['bare', 'b', 'd'].map((n) => f.get(n)!.totalCpuMs)
  console.log(
    a!.toFixed(4),
    b!.toFixed(3),
    d!.toFixed(3),
    JSON.stringify(f.get('d')!.cpuMs),
    (a! / b!).toFixed(3),
    (a! / d!).toFixed(3),
    'rps',
    ['bare', 'b', 'd'].map((n) => f.get(n)!.answersPerSecond.toFixed(0)).join(' '),
    loadavg()[0],
  )
}
await v.remove()
await client.stop()
await bare.stop()
process.exit(0)
