import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/security.md'), 'utf8')

/** Requirements of levels 1 and 2: how many of each section, and which of these are of level 3. */
const asvs: Record<string, { count: number; level3?: number[] }> = {
  '6.1': { count: 3 },
  '6.2': { count: 12, level3: [12] },
  '6.3': { count: 8, level3: [4, 5, 6, 7, 8] },
  '6.4': { count: 6, level3: [5, 6] },
  '6.5': { count: 8, level3: [6, 7, 8] },
  '6.6': { count: 4, level3: [4] },
  '6.8': { count: 3 },
  '7.1': { count: 3 },
  '7.2': { count: 4 },
  '7.3': { count: 2 },
  '7.4': { count: 5 },
  '7.5': { count: 3, level3: [3] },
  '7.6': { count: 2 },
  '9.1': { count: 3 },
  '9.2': { count: 4 },
}
const required = Object.entries(asvs).flatMap(([section, { count, level3 = [] }]) =>
  Array.from({ length: count }, (_, index) => index + 1)
    .filter((number) => !level3.includes(number))
    .map((number) => `${section}.${number}`),
)

const rows = page
  .split('\n')
  .filter((line) => /^\| (\d\.\d\.\d|API\d)/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))

describe('docs/security.md', () => {
  it('has every requirement of ASVS 5.0, V6, V7 and V9, levels 1 and 2, once', () => {
    const named = rows.flatMap(([, ids = '']) => ids.match(/\d\.\d\.\d+/g) ?? [])
    expect(named).toHaveLength(new Set(named).size)
    expect(named.sort()).toEqual([...required].sort())
  })

  it('has all ten risks of the OWASP API Security Top 10', () => {
    const named = rows.flatMap(([, risk = '']) => risk.match(/^API\d+/) ?? [])
    expect(named).toEqual(Array.from({ length: 10 }, (_, index) => `API${index + 1}`))
  })

  it.each(rows.map((row) => row.slice(1, -1)))('%s has a test, or says why there is none', (_id, ...cells) => {
    const stands = cells.at(-2) ?? ''
    const tests = [...(cells.at(-1) ?? '').matchAll(/`([^`]+)`/g)].map(([, path = '']) => path)
    if (tests.length === 0) expect(stands).toMatch(/\*\*Open\*\*|there (is|are) none|no page/)
    for (const path of tests)
      expect([path, path.endsWith('.test.ts') && existsSync(join(root, path))]).toEqual([path, true])
  })
})
