import { defineConfig } from 'vitest/config'

/** One running stack: the files take turns, so that faults in one do not show in another. */
const onStack = { testTimeout: 60_000, hookTimeout: 300_000, fileParallelism: false }
const ledgerTests = 'tests/faults/ledger/**/*.test.ts'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          // The last: what judges the running system is itself tested without one.
          include: ['packages/**/*.test.ts', 'services/**/*.test.ts', 'scripts/**/*.test.ts', ledgerTests],
        },
      },
      {
        test: {
          name: 'stack',
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/network/**', ledgerTests],
          ...onStack,
          globalSetup: ['tests/support/global-setup.ts'],
        },
      },
      {
        test: {
          name: 'network',
          include: ['tests/network/**/*.test.ts'],
          ...onStack,
          globalSetup: ['tests/support/global-setup-network.ts'],
        },
      },
    ],
  },
})
