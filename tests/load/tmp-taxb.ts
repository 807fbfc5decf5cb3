process.env.FANONE_HOME ??= '.fanone-test'
const { startBeside } = await import('../support/beside.ts')
const { part } = await import('../support/stack.ts')
const { planService, planGateway } = await import('./feed-requests.ts')
const { startLoadClient, startBareHandler } = await import('./helpers.ts')
const { measure } = await import('./rounds.ts')
const [rounds = '5', answers = '2000', connections = '16'] = process.argv.slice(2)
const client = startLoadClient()
const preload = new URL('without.ts', import.meta.url).pathname
const started: { stop(): Promise<void> }[] = [client]
const redis = (await part('redis')).pid as number
const anonymous = await planGateway({ pages: 1 })
const bare = await startBareHandler(anonymous.requests[0]?.expected as string)
started.push(bare)
const gateway = (await part('gateway')).pid as number
const variants: any[] = [{ name: 'bare', plan: { ...anonymous, url: bare.url }, pids: { bare: bare.pid } }, { name: 'b', plan: anonymous, pids: { gateway } }]
const off = { OTEL_SDK_DISABLED: 'true' }
for (const [name, settings] of Object.entries({ 'default': {}, 'no tracing': off, 'neither': { ...off, WITHOUT: 'metrics' } })) {
  const one = await startBeside('gateway', { settings: settings as never, preload })
  started.push(one)
  variants.push({ name, plan: await planGateway({ pages: 1, url: one.publicUrl }), pids: { gateway: one.pid } })
}
const figures = await measure(variants, { client, rounds: Number(rounds), until: { answers: Number(answers) }, connections: Number(connections), warmUpAnswers: 7000 })
const b = figures.get('bare')!
for (const [name, f] of figures) console.log(name.padEnd(16), 'CPU', f.totalCpuMs.toFixed(3), JSON.stringify(Object.fromEntries(Object.entries(f.cpuMs).map(([k, v]) => [k, Number(v.toFixed(3))]))), 'CPU/bare', (f.totalCpuMs / b.totalCpuMs).toFixed(2), 'rps', f.answersPerSecond.toFixed(0), 'of bare', (f.answersPerSecond / b.answersPerSecond).toFixed(3), 'p99', f.p99Ms.toFixed(0))
for (const one of started) await one.stop()
process.exit(0)
