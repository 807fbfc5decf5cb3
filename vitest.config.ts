import { defineConfig } from 'vitest/config'

/** One running stack: the files take turns, so that faults in one do not show in another. */
const onStack = { testTimeout: 60_000, hookTimeout: 300_000, fileParallelism: false }

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['packages/**/*.test.ts', 'services/**/*.test.ts', 'scripts/**/*.test.ts'],
        },
      },
      {
        test: {
          name: 'stack',
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/network/**'],
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
