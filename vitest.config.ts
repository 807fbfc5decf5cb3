import { defineConfig } from 'vitest/config'

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
