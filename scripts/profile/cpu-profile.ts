import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What V8's profiler answers: a tree of calls, and which of its nodes ran at each sample. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
    readonly children?: readonly number[]
  }[]
  readonly samples: readonly number[]
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[]
}

/** A call in its place under its callers. */
export interface Frame {
  readonly name: string
  /** `services/feed/src/app.ts:12`, `express/lib/router.js:3`, `node:net:80`; empty for what V8 does itself. */
  readonly location: string
  /** Whose code it is: a folder of ours (`services/feed`), an npm package, `node`, or `V8`. */
  readonly group: string
  readonly selfUs: number
  /** With everything it called. */
  readonly totalUs: number
  /** The largest first. */
  readonly children: readonly Frame[]
}

/**
 * The calls of a profile as a tree with times. What the process waited is left out: its root lasts as long as there was work.
 *
 * @param root the checkout; paths under it are shortened
 */
export function callTree(profile: CpuProfile, root: string): Frame {
  const selfUs = new Map<number, number>()
  for (const [index, id] of profile.samples.entries())
    selfUs.set(id, (selfUs.get(id) ?? 0) + Math.max(0, profile.timeDeltas[index + 1] ?? 0))
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]))
  const build = (id: number): Frame | undefined => {
    const node = nodes.get(id)
    if (node === undefined || node.callFrame.functionName === '(idle)') return undefined
    const built = (node.children ?? []).map(build).filter((child): child is Frame => child !== undefined)
    const own = selfUs.get(id) ?? 0
    const totalUs = built.reduce((sum, child) => sum + child.totalUs, own)
    const children = built.toSorted((a, b) => b.totalUs - a.totalUs)
    return { ...describe(node.callFrame, root), selfUs: own, totalUs, children }
  }
  const top = build(profile.nodes[0]?.id ?? -1)
  if (top === undefined) throw new Error('The profile is empty')
  return top
}

/** Own time summed by a property of the frames, the largest first. */
export function selfTimes(top: Frame, nameOf: (frame: Frame) => string): [name: string, selfUs: number][] {
  const sums = new Map<string, number>()
  const add = (frame: Frame): void => {
    if (frame.selfUs > 0) sums.set(nameOf(frame), (sums.get(nameOf(frame)) ?? 0) + frame.selfUs)
    for (const child of frame.children) add(child)
  }
  add(top)
  return [...sums].toSorted((a, b) => b[1] - a[1])
}

function describe(call: CpuProfile['nodes'][number]['callFrame'], root: string) {
  const name = call.functionName || '(anonymous)'
  const isOfV8 = call.url === ''
  if (isOfV8) return { name, location: '', group: 'V8' }
  const line = call.lineNumber + 1 // the protocol counts from 0
  if (!call.url.startsWith('file:') && !call.url.startsWith('/'))
    return { name, location: `${call.url}:${line}`, group: 'node' }
  const file = call.url.startsWith('file:') ? fileURLToPath(call.url) : call.url
  const inPackage = file.split('/node_modules/').at(-1) ?? file
  if (inPackage !== file) {
    const group = /^(@[^/]+\/)?[^/]+/.exec(inPackage)?.[0] ?? inPackage
    return { name, location: `${inPackage}:${line}`, group }
  }
  const path = relative(root, file)
  return { name, location: `${path}:${line}`, group: path.split('/').slice(0, 2).join('/') }
}
