import { type Span, senderOf } from './span.ts'

const LONGEST_DETAIL = 60

/**
 * Draws a trace as a tree, siblings in the order in which they began. A span whose parent nobody
 * recorded (the client's own, or one that was lost) stands at the top.
 *
 * @returns a headline, then a line for each span: begin after the first one and duration, both in
 *   ms, who, and what
 */
export function drawTrace(spans: readonly Span[]): string[] {
  const ordered = spans.toSorted((a, b) => beginOf(a) - beginOf(b))
  const ids = new Set(ordered.map(({ id }) => id))
  const byParent = Map.groupBy(ordered, ({ id, parentId }) =>
    parentId !== undefined && parentId !== id && ids.has(parentId) ? parentId : '',
  )
  const origin = beginOf(ordered[0])
  const rows: { times: string; label: string; what: string }[] = []
  const draw = (span: Span, lead: string, childLead: string) => {
    const times = `${milliseconds(beginOf(span) - origin)} ${milliseconds(span.duration ?? 0)}`
    rows.push({ times, label: `${lead}${senderOf(span)}`, what: describe(span) })
    const children = byParent.get(span.id) ?? []
    for (const [index, child] of children.entries()) {
      const isLast = index === children.length - 1
      draw(child, `${childLead}${isLast ? '└ ' : '├ '}`, `${childLead}${isLast ? '  ' : '│ '}`)
    }
  }
  for (const root of byParent.get('') ?? []) draw(root, '', '')
  const width = Math.max(0, ...rows.map(({ label }) => label.length))
  const end = Math.max(origin, ...ordered.map((span) => beginOf(span) + (span.duration ?? 0)))
  return [
    `${ordered.length} spans in ${milliseconds(end - origin).trim()} ms, from ${new Date(origin / 1_000).toISOString()}`,
    ...rows.map(({ times, label, what }) => `${times}  ${label.padEnd(width)}  ${what}`.trimEnd()),
  ]
}

const beginOf = (span: Span | undefined) => span?.timestamp ?? 0
const milliseconds = (microseconds: number) => (microseconds / 1_000).toFixed(1).padStart(8)

function describe({ name = '', kind, tags = {} }: Span): string {
  const statement = tags['db.query.text']
  const status = tags['http.response.status_code'] ?? tags['http.status_code']
  // Dapr marks refusals as errors too; the status says which they are.
  const isFailed = 'error' in tags || Number(status) >= 500
  return [
    statement === undefined ? name : shorten(statement.replace(/\s+/g, ' ')),
    kind === 'PRODUCER' || kind === 'CONSUMER' ? kind.toLowerCase() : '',
    status ?? '',
    isFailed ? `FAILED ${shorten(tags.error ?? '')}`.trim() : '',
  ]
    .filter((word) => word !== '')
    .join('  ')
}

const shorten = (text: string) => (text.length > LONGEST_DETAIL ? `${text.slice(0, LONGEST_DETAIL - 1)}…` : text)
