import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeHeapSnapshot } from 'node:v8'
import { expect, it } from 'vitest'
import { summarizeHeap } from './heap-summary.ts'

class Kept {
  readonly first = Math.random()
  readonly second = {}
}

it('counts the objects of a constructor that a real heap holds', () => {
  const kept = Array.from({ length: 4_321 }, () => new Kept())
  const folder = mkdtempSync(join(tmpdir(), 'fanone-heap-'))
  const text = readFileSync(writeHeapSnapshot(join(folder, 'one.heapsnapshot')), 'utf8')
  rmSync(folder, { recursive: true })
  const groups = summarizeHeap(text)
  const group = groups.find(({ name }) => name === Kept.name)
  expect(group?.count).toBe(kept.length)
  expect(group?.bytes).toBeGreaterThanOrEqual(kept.length * 16)
  expect(groups.map(({ bytes }) => bytes)).toEqual(groups.map(({ bytes }) => bytes).toSorted((a, b) => b - a))
})
