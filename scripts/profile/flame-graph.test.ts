import { describe, expect, it } from 'vitest'
import { type CpuProfile, callTree, selfTimes } from './cpu-profile.ts'
import { renderFlameGraph } from './flame-graph.ts'

const root = '/checkout'
const call = (id: number, functionName: string, url: string, children: number[] = []) => ({
  id,
  callFrame: { functionName, url, lineNumber: 11 },
  children,
})

/** 10 ms of work, 6 of them in `read<T>` of a service and 3 in a package it called, and 90 ms of waiting. */
const profile: CpuProfile = {
  nodes: [
    call(1, '(root)', '', [2, 3, 4]),
    call(2, '(idle)', ''),
    call(3, 'read<T>', 'file:///checkout/services/feed/src/app.ts', [5]),
    call(4, 'emit', 'node:events'),
    call(5, '', 'file:///checkout/node_modules/@scope/package/lib/index.js'),
  ],
  samples: [3, 5, 4, 2, 3],
  timeDeltas: [7, 6_000, 3_000, 1_000, 90_000],
}
const top = callTree(profile, root)

describe('the call tree of a profile', () => {
  it('leaves out what the process waited', () => {
    expect(top.totalUs).toBe(10_000)
    expect(top.children.map(({ name }) => name)).toEqual(['read<T>', 'emit'])
  })

  it('counts for a call what it called', () => {
    expect(top.children[0]).toMatchObject({ totalUs: 9_000, selfUs: 6_000 })
  })

  it('names the file and the line as an editor counts them, and whose code it is', () => {
    const [read, emit] = top.children
    expect(read).toMatchObject({ location: 'services/feed/src/app.ts:12', group: 'services/feed' })
    expect(emit).toMatchObject({ location: 'node:events:12', group: 'node' })
    expect(read?.children[0]).toMatchObject({
      name: '(anonymous)',
      location: '@scope/package/lib/index.js:12',
      group: '@scope/package',
    })
  })

  it('sums own time by whatever is asked, the largest first', () => {
    expect(selfTimes(top, ({ group }) => group)).toEqual([
      ['services/feed', 6_000],
      ['@scope/package', 3_000],
      ['node', 1_000],
    ])
  })

  it('an empty profile is refused', () => {
    expect(() => callTree({ nodes: [], samples: [], timeDeltas: [] }, root)).toThrow('empty')
  })
})

describe('the flame graph', () => {
  const svg = renderFlameGraph(top, 'a < b & c')
  const boxes = [
    ...svg.matchAll(
      /<title>(?<name>\S+) [^<]*?\n(?<hover>[^<]*)<\/title><rect x="(?<x>[\d.]+)" y="(?<y>\d+)" width="(?<width>[\d.]+)"/g,
    ),
  ].map(({ groups = {} }) => groups)
  const box = (wanted: string) => {
    const { hover, x, y, width } = boxes.find(({ name }) => name === wanted) ?? {}
    return { hover, x: Number(x), y: Number(y), width: Number(width) }
  }

  it('draws a call as wide as its share', () => {
    expect(box('read&lt;T&gt;').width / box('(root)').width).toBeCloseTo(0.9, 3)
    expect(box('(anonymous)').width / box('read&lt;T&gt;').width).toBeCloseTo(1 / 3, 3)
  })

  it('puts a call above its caller and within it', () => {
    const [caller, called] = [box('read&lt;T&gt;'), box('(anonymous)')]
    expect(called.y).toBeLessThan(caller.y)
    expect(called.x).toBeGreaterThanOrEqual(caller.x)
    expect(called.x + called.width).toBeLessThanOrEqual(caller.x + caller.width)
  })

  it('tells the share on hovering', () => {
    expect(box('read&lt;T&gt;').hover).toBe('services/feed, 9.0 ms (90.00 %), itself 6.0 ms (60.00 %)')
  })

  it('cuts a name that is longer than its box, and leaves out what cannot be seen', () => {
    const name = 'aVeryLongNameOfAFunction'
    const tree = (us: number) =>
      callTree(
        {
          ...profile,
          nodes: [call(1, '(root)', '', [3, 4]), call(3, name, ''), call(4, 'rest', '')],
          samples: [3, 4],
          timeDeltas: [0, us, 100_000 - us],
        },
        root,
      )
    expect(renderFlameGraph(tree(5_000), '')).toMatch(/>aVeryLongN?a?…</)
    expect(renderFlameGraph(tree(5_000), '')).toContain(`<title>${name}`)
    expect(renderFlameGraph(tree(10), '')).not.toContain(name)
  })

  it('writes nothing that XML would not take', () => {
    expect(svg).toContain('a &lt; b &amp; c')
    expect(svg.replace(/<\/?(svg|style|g|title|rect|text)\b[^<>]*>/g, '')).not.toMatch(/[<>]|&(?!amp;|lt;|gt;|quot;)/)
  })
})
