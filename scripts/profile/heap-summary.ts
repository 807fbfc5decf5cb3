/** What of a heap snapshot is needed to sum it up; see V8's heap-snapshot-generator. */
interface HeapSnapshot {
  readonly snapshot: {
    readonly meta: { readonly node_fields: readonly string[]; readonly node_types: readonly unknown[] }
  }
  /** All nodes one after the other, as many numbers each as there are fields. */
  readonly nodes: readonly number[]
  readonly strings: readonly string[]
}

export interface HeapGroup {
  /** A constructor, or the kind of what has none: `(string)`, `(code)`. */
  readonly name: string
  readonly count: number
  readonly bytes: number
}

/** Shallow sizes of a heap snapshot (its text) by constructor, the largest first. */
export function summarizeHeap(text: string): HeapGroup[] {
  const { snapshot, nodes, strings } = JSON.parse(text) as HeapSnapshot
  const fields = snapshot.meta.node_fields
  const [type, name, size] = ['type', 'name', 'self_size'].map((field) => fields.indexOf(field)) as [
    number,
    number,
    number,
  ]
  const types = snapshot.meta.node_types[type] as string[]
  const groups = new Map<string, { count: number; bytes: number }>()
  for (let node = 0; node < nodes.length; node += fields.length) {
    const kind = types[nodes[node + type] as number] as string
    const hasConstructor = kind === 'object' || kind === 'native'
    const group = hasConstructor ? (strings[nodes[node + name] as number] as string) : `(${kind})`
    const sum = groups.get(group) ?? { count: 0, bytes: 0 }
    sum.count++
    sum.bytes += nodes[node + size] as number
    groups.set(group, sum)
  }
  return [...groups].map(([group, sum]) => ({ name: group, ...sum })).toSorted((a, b) => b.bytes - a.bytes)
}
