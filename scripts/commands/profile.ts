import { mkdirSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type CpuProfile, selfTimes } from '../profile/cpu-profile.ts'
import { Inspector } from '../profile/inspector.ts'
import { order } from '../stack/control.ts'
import { type Settings, stackPaths } from '../stack/settings.ts'
import type { PartStatus } from '../stack/supervised.ts'
import { writePrivate } from '../stack/write-private.ts'

const rowsShown = 10
const longestSeconds = 3_600

/**
 * `npm run profile -- feed [--seconds 10] [--heap] [--output folder]`: writes what a running
 * service spends its time on as a .cpuprofile, or what fills its memory as a .heapsnapshot.
 * Ctrl-C ends the profile early and keeps it.
 */
export async function profile(settings: Settings, args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { seconds: { type: 'string', default: '10' }, heap: { type: 'boolean' }, output: { type: 'string' } },
  })
  const seconds = Number(values.seconds)
  if (!(seconds > 0 && seconds <= longestSeconds))
    throw new Error(`--seconds must be a number up to ${longestSeconds}, not "${values.seconds}"`)
  const service = await findService(settings, positionals[0])
  const folder = resolve(values.output ?? join(settings.home, 'profiles'))
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const time = new Date().toISOString().slice(0, 19).replaceAll(':', '-')
  const file = join(folder, `${service.part}-${time}`)
  const inspector = await Inspector.open(service)
  try {
    if (values.heap) await profileHeap(inspector, file)
    else await profileCpu(inspector, { file, seconds, part: service.part, root: settings.root })
  } finally {
    await inspector.close()
  }
  return 0
}

/** @throws Error saying what to do when the service is not there or not running */
async function findService(settings: Settings, name: string | undefined): Promise<PartStatus & { pid: number }> {
  const { parts } = await order(stackPaths(settings).socket, { command: 'status' })
  const services = parts.filter(({ kind }) => kind === 'app')
  const service = services.find(({ part }) => part === name)
  const names = services.map(({ part }) => part).join(', ')
  if (name === undefined) throw new Error(`npm run profile -- <service>, where service is one of ${names}`)
  if (service === undefined) throw new Error(`There is no service "${name}"; there are ${names}`)
  const { pid, state, lastEnd } = service
  if (pid === undefined || state !== 'healthy')
    throw new Error(`${name} is ${state}${lastEnd ? ` (${lastEnd})` : ''}; see npm run logs -- ${name}`)
  return { ...service, pid }
}

async function profileCpu(
  inspector: Inspector,
  options: { file: string; seconds: number; part: string; root: string },
): Promise<void> {
  const { file, part, root } = options
  await inspector.send('Profiler.enable')
  await inspector.send('Profiler.setSamplingInterval', { interval: 500 })
  await inspector.send('Profiler.start')
  const over = untilTimeOrInterrupt(options.seconds * 1_000)
  console.log(`Watching ${part} for ${options.seconds} s`)
  await over
  const { profile } = await inspector.send<{ profile: CpuProfile & { startTime: number; endTime: number } }>(
    'Profiler.stop',
  )
  writePrivate(`${file}.cpuprofile`, JSON.stringify(profile))
  const { busyUs, functions } = selfTimes(profile, root)
  const watchedUs = profile.endTime - profile.startTime
  console.log(`${((busyUs / watchedUs) * 100).toFixed(1)} % of ${(watchedUs / 1e6).toFixed(1)} s busy. Most of it in`)
  for (const [name, us] of functions.slice(0, rowsShown))
    console.log(`  ${((us / busyUs) * 100).toFixed(1).padStart(5)} %  ${(us / 1_000).toFixed(1)} ms  ${name}`)
  console.log(`Flame graph: npx speedscope ${relative(process.cwd(), `${file}.cpuprofile`)}`)
}

async function profileHeap(inspector: Inspector, file: string): Promise<void> {
  const chunks: string[] = []
  inspector.on<{ chunk: string }>('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => chunks.push(chunk))
  await inspector.send('HeapProfiler.enable')
  await inspector.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false })
  writePrivate(`${file}.heapsnapshot`, chunks.join(''))
  console.log(
    `Open it in the Memory tab of Chromium's developer tools: ${relative(process.cwd(), `${file}.heapsnapshot`)}`,
  )
}

async function untilTimeOrInterrupt(ms: number): Promise<void> {
  const early = new AbortController()
  const end = () => early.abort()
  process.once('SIGINT', end)
  process.once('SIGTERM', end)
  await sleep(ms, undefined, { signal: early.signal }).catch(() => {})
  process.removeListener('SIGINT', end)
  process.removeListener('SIGTERM', end)
}
