import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { parts } from './stack.ts'

/** Resident memory of the services and their sidecars in bytes, by name. */
async function residentBytes(): Promise<Map<string, number>> {
  const processes = (await parts()).filter(({ kind, pid }) => kind !== 'infra' && pid !== undefined)
  const entries = processes.map(async ({ part, pid }): Promise<[string, number][]> => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
    // One that has just been killed has no memory.
    const kilobytes = /VmRSS:\s+(\d+) kB/.exec(status)?.[1]
    return kilobytes === undefined ? [] : [[part, Number(kilobytes) * 1024]]
  })
  return new Map((await Promise.all(entries)).flat())
}

/** Watches memory until stopped; returns the largest growth of each process. */
export async function watchMemory() {
  const before = await residentBytes()
  const growth = new Map([...before.keys()].map((name) => [name, 0]))
  let isOver = false
  const watching = (async () => {
    while (!isOver) {
      for (const [name, bytes] of await residentBytes())
        growth.set(name, Math.max(growth.get(name) ?? 0, bytes - (before.get(name) ?? 0)))
      await delay(50)
    }
  })()
  return async () => {
    isOver = true
    await watching
    return growth
  }
}
