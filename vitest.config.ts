import { defineConfig } from 'vitest/config'

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
          exclude: [ledgerTests],
          testTimeout: 60_000,
          hookTimeout: 300_000,
          // One running stack: the files take turns, so that faults in one do not show in another.
          fileParallelism: false,
          globalSetup: ['tests/support/global-setup.ts'],
        },
      },
    ],
  },
})
