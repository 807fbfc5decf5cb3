import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Half a minute and more each, the longest first. */
const long = [
  'tests/faults/rolling-restart.test.ts',
  'tests/faults/rows/interactions.test.ts',
  'tests/telemetry/call-costs.test.ts',
  'tests/faults/rows/kafka-away.test.ts',
  'tests/faults/rows/kills.test.ts',
  'tests/stats/rebuild.test.ts',
  'tests/e2e/adaptive-playback.test.ts',
  'tests/faults/repeats.test.ts',
  'tests/faults/instances.test.ts',
  'tests/faults/rows/shared-calls.test.ts',
  'tests/docs/adding-a-service.test.ts',
  'tests/security/openapi-fuzz.test.ts',
  'tests/security/injection.test.ts',
  'tests/security/generated.test.ts',
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
