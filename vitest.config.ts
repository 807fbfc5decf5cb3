import { defineConfig } from 'vitest/config'

/** What judges the running system, or names its services, is itself tested without one. */
const testsOfTests = ['tests/faults/ledger/**/*.test.ts', 'tests/support/**/*.test.ts']
const networkTests = 'tests/network/**/*.test.ts'

/** One running stack: the files take turns, so that faults in one do not show in another. */
const onStack = { testTimeout: 60_000, hookTimeout: 300_000, fileParallelism: false }

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['packages/**/*.test.ts', 'services/**/*.test.ts', 'scripts/**/*.test.ts', ...testsOfTests],
        },
      },
      {
        test: {
          name: 'stack',
          include: ['tests/**/*.test.ts'],
          exclude: [...testsOfTests, networkTests],
          ...onStack,
          globalSetup: ['tests/support/global-setup.ts'],
        },
      },
      {
        test: {
          name: 'network',
          include: [networkTests],
          ...onStack,
          globalSetup: ['tests/support/global-setup-network.ts'],
        },
      },
    ],
  },
})
