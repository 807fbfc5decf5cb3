import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What V8's profiler answers: a tree of calls, and which of its nodes ran at each sample. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  }[]
  readonly samples: readonly number[]
  /** Microseconds since the previous sample. */
  readonly timeDeltas: readonly number[]
}

/** Time that functions took themselves, without the time of what they called. */
export interface SelfTimes {
  /** Microseconds in which the process did anything. */
  readonly busyUs: number
  /** `read services/feed/src/app.ts:12` and its microseconds, the largest first. */
  readonly functions: readonly (readonly [name: string, us: number])[]
}

/** @param root the checkout; paths below it are shortened */
export function selfTimes({ nodes, samples, timeDeltas }: CpuProfile, root: string): SelfTimes {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame, root)]))
  const sums = new Map<string, number>()
  for (const [index, id] of samples.entries()) {
    const name = names.get(id)
    if (name === undefined || name === '(idle)') continue
    sums.set(name, (sums.get(name) ?? 0) + Math.max(0, timeDeltas[index + 1] ?? 0))
  }
  const functions = [...sums].filter(([, us]) => us > 0).toSorted((a, b) => b[1] - a[1])
  return { busyUs: functions.reduce((sum, [, us]) => sum + us, 0), functions }
}

function nameOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame'], root: string): string {
  const name = functionName || '(anonymous)'
  if (url === '') return name // V8 itself
  const file = url.startsWith('file:') ? fileURLToPath(url) : url
  const inPackage = file.split('/node_modules/').at(-1) ?? file
  const path = inPackage === file && file.startsWith('/') ? relative(root, file) : inPackage
  return `${name} ${path}:${lineNumber + 1}` // the protocol counts lines from 0
}
