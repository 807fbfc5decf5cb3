import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Edge, readAccess } from './access.ts'
import { root } from './facts.ts'

const begin = '<!-- made by `npm run docs` from dapr/access -->'
const end = '<!-- end -->'

/**
 * The call graph in docs/architecture.md, made from the access lists. `npm run docs` writes it, a
 * test compares it.
 */
export function renderArchitecture(): string {
  const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8')
  const [before, rest] = cut(page, begin)
  const [, after] = cut(rest, end)
  const edges = readAccess().flatMap(({ callers }) => callers)
  return `${before}${begin}\n\n${[...picture(edges), '', ...table(edges)].join('\n')}\n\n${end}${after}`
}

function cut(text: string, marker: string): [string, string] {
  const at = text.indexOf(marker)
  if (at < 0) throw new Error(`docs/architecture.md has no ${marker}`)
  return [text.slice(0, at), text.slice(at + marker.length)]
}

function picture(edges: readonly Edge[]): string[] {
  const arrows = edges.map(({ caller, callee, operations }) => `  ${caller} -->|${operations.length}| ${callee}`)
  return ['```mermaid', 'flowchart LR', ...arrows, '```']
}

function table(edges: readonly Edge[]): string[] {
  const rows = edges
    .toSorted((a, b) => a.caller.localeCompare(b.caller))
    .map(({ caller, callee, operations, why }) => {
      const names = operations.map((name) => `\`${name}\``).join(', ')
      return `| ${caller} | ${callee} | ${names} | ${why} |`
    })
  return ['| caller | callee | operations | why |', '| --- | --- | --- | --- |', ...rows]
}
