import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** A minute and more each, the longest first. */
const long = [
  'tests/faults/rolling-restart.test.ts',
  'tests/faults/rows/interactions.test.ts',
  'tests/stats/rebuild.test.ts',
  'tests/faults/instances.test.ts',
]

/**
 * Long files begin first, so that none is left alone at the end. Vitest knows how long files took,
 * but not in a fresh clone.
 */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => rankOf(a) - rankOf(b))
  }
}

function rankOf({ moduleId }: TestSpecification): number {
  const rank = long.findIndex((file) => moduleId.endsWith(file))
  return rank === -1 ? long.length : rank
}
