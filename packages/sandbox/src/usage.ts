import { readdir, readFile, readlink } from 'node:fs/promises'

const CLOCK_TICKS_PER_SECOND = 100

/** What programs in a sandbox used, all together. */
export interface Usage {
  cpuSeconds: number
  /** The largest resident memory of any one of them. */
  peakBytes: number
}

/**
 * Measures what programs in a sandbox use while `work` goes on. CPU time is the kernel's account of
 * ended children, so nothing is missed; memory is each program's own high-water mark, looked at
 * every few milliseconds.
 *
 * @param options.parentPid whose children they are
 * @param options.folder the folder of the sandbox
 */
export async function measureUsage<Result>(
  options: { parentPid: number; folder: string },
  work: () => Promise<Result>,
): Promise<Usage & { result: Result }> {
  const before = await childCpuSeconds(options.parentPid)
  let peakBytes = 0
  let isOver = false
  const watching = (async () => {
    while (!isOver) {
      for (const pid of await sandboxedPids(options.folder)) peakBytes = Math.max(peakBytes, await peakOf(pid))
      await new Promise((next) => setTimeout(next, 5))
    }
  })()
  const result = await work().finally(() => {
    isOver = true
  })
  await watching
  return { result, peakBytes, cpuSeconds: (await childCpuSeconds(options.parentPid)) - before }
}

/** Programs that run in the sandbox of a folder at this moment. */
export async function sandboxedPids(folder: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const folders = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')))
  return pids.filter((_pid, index) => folders[index] === folder)
}

async function peakOf(pid: string): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024
}

/** User and system time of children that have ended (`cutime` and `cstime`, proc(5)). */
async function childCpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[13]) + Number(fields[14])) / CLOCK_TICKS_PER_SECOND
}
