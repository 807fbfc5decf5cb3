import { type Frame, selfTimes } from './cpu-profile.ts'

const widthPx = 1600
const rowPx = 18
const headPx = 64
const characterPx = 6.7
/** Narrower calls cannot be seen; they would only make the file larger. */
const narrowestPx = 0.4
const groupsShown = 10
const groupLetters = Math.floor((widthPx / groupsShown - 12) / characterPx)

/**
 * Draws a flame graph (https://www.brendangregg.com/flamegraphs.html) as one static SVG: the callers below, a call as wide as its
 * share of the time there was work, everything a hover tells in its `<title>`. Of our own because what npm has writes web pages
 * that need a script to be seen (0x, flamebearer, @platformatic/flame), or cannot read the profiles of today (flamegraph).
 */
export function renderFlameGraph(top: Frame, title: string): string {
  const rows: string[] = []
  const heightPx = headPx + rowPx * depthOf(top)
  const draw = (frame: Frame, leftPx: number, depth: number): void => {
    const frameWidthPx = (frame.totalUs / Math.max(1, top.totalUs)) * widthPx
    if (frameWidthPx < narrowestPx) return
    rows.push(box(frame, { leftPx, topPx: heightPx - rowPx * (depth + 1), frameWidthPx }, top.totalUs))
    let childLeftPx = leftPx
    for (const child of frame.children) {
      draw(child, childLeftPx, depth + 1)
      childLeftPx += (child.totalUs / Math.max(1, top.totalUs)) * widthPx
    }
  }
  draw(top, 0, 0)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${widthPx} ${heightPx}" font-family="monospace" font-size="11">`,
    '<style>rect{stroke:#fff;stroke-width:.5}g:hover rect{stroke:#000}</style>',
    `<text x="8" y="20" font-size="15">${escapeXml(title)}</text>`,
    legend(top),
    ...rows,
    '</svg>\n',
  ].join('\n')
}

function box(frame: Frame, at: { leftPx: number; topPx: number; frameWidthPx: number }, allUs: number): string {
  const ms = (us: number) => `${(us / 1_000).toFixed(1)} ms (${((us / Math.max(1, allUs)) * 100).toFixed(2)} %)`
  const hover = `${frame.name} ${frame.location}\n${frame.group}, ${ms(frame.totalUs)}, itself ${ms(frame.selfUs)}`
  const letters = Math.floor((at.frameWidthPx - 4) / characterPx)
  const label = frame.name.length <= letters ? frame.name : `${frame.name.slice(0, Math.max(0, letters - 1))}…`
  const text = letters < 2 ? '' : `<text x="${px(at.leftPx + 2)}" y="${at.topPx + 13}">${escapeXml(label)}</text>`
  const size = `x="${px(at.leftPx)}" y="${at.topPx}" width="${px(at.frameWidthPx)}" height="${rowPx - 1}"`
  return `<g><title>${escapeXml(hover)}</title><rect ${size} fill="${colourOf(frame.group)}"/>${text}</g>`
}

/** The groups that had the most time to themselves, in their colours. */
function legend(top: Frame): string {
  const groups = selfTimes(top, ({ group }) => group).slice(0, groupsShown)
  const columnPx = widthPx / groupsShown
  return groups
    .map(([group, selfUs], index) => {
      const percent = ((selfUs / Math.max(1, top.totalUs)) * 100).toFixed(1)
      const leftPx = Math.round(index * columnPx) + 8
      const text = `${percent} ${group}`
      const short = text.length > groupLetters ? `${text.slice(0, groupLetters - 1)}…` : text
      return `<rect x="${leftPx}" y="30" width="${Math.round(columnPx - 12)}" height="6" fill="${colourOf(group)}"/><text x="${leftPx}" y="50"><title>${escapeXml(group)}</title>${escapeXml(short)}</text>`
    })
    .join('\n')
}

/** Ours warm, packages from green to violet by their name, Node and V8 grey. */
function colourOf(group: string): string {
  if (group === 'V8') return '#c4c4c4'
  if (group === 'node') return '#d8dccf'
  if (group.startsWith('services/')) return '#ff9a56'
  if (group.startsWith('packages/')) return '#ffd34f'
  const hash = [...group].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9_973, 7)
  return `hsl(${120 + (hash % 170)},55%,${68 + (hash % 3) * 6}%)`
}

function depthOf(frame: Frame): number {
  return 1 + frame.children.reduce((deepest, child) => Math.max(deepest, depthOf(child)), 0)
}

const px = (value: number) => value.toFixed(1)

const escapeXml = (text: string) =>
  text.replace(/[&<>"]/g, (letter) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[letter] ?? '&quot;')
