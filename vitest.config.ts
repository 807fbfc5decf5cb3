import { defineConfig } from 'vitest/config'
import LongestFirst from './scripts/testing/longest-first.ts'

// Which test runs where, and what each project needs: docs/testing.md.

/** What judges the running system, or names its services, is itself tested without one. */
const testsOfTests = ['tests/faults/ledger/**/*.test.ts', 'tests/support/**/*.test.ts']

/** Parts of services with scratch databases and caches. */
const component = ['tests/{gateway,image-search,kit,interaction,relation,stats,storage,user,video}/**/*.test.ts']

/** Each file with users of its own, so that they bear each other. */
const api = [
  'tests/{conformance,e2e,security,web}/**/*.test.ts',
  'tests/docs/commands.test.ts',
  'tests/stack/demo.test.ts',
]

/** What measures time or ratios, or keeps the disk busy: nothing else runs on the machine. */
const measured = [
  'tests/load/**/*.test.ts',
  'tests/e2e/big-upload.test.ts',
  'tests/faults/{disk-full,overload,resiliency}.test.ts',
  'tests/security/{bodies,connections}.test.ts',
]

/**
 * Files that kill or slow parts, or inspect all files or the whole feed: each has a stack alone.
 */
const exclusive = [
  'tests/{faults,telemetry}/**/*.test.ts',
  'tests/kit/refusals.test.ts',
  'tests/stats/{cache,exactly-once,rebuild}.test.ts',
  'tests/{user,video}/cache.test.ts',
  'tests/e2e/{adaptive-playback,feed,guesses,hostile-media,limits,playback,upload-names,uploads}.test.ts',
  'tests/security/{mesh,mesh.sidecars}.test.ts',
  'tests/stack/profile.test.ts',
]

/** Installations of their own, small ones, started the way that people start theirs. */
const boot = ['tests/stack/{backup,lifecycle,s3}.test.ts', 'tests/docs/adding-*.test.ts']

/** What spoils the network, and what watches the stack, of which the network is a part. */
const network = ['tests/{monitoring,network}/**/*.test.ts']

/** As many as a small machine has cores: more would run into the deadlines of what they test. */
const inParallel = { maxWorkers: 2 }
/** Imports cost as much as the tests: a worker keeps the modules it has, and files bear that. */
const sharedModules = { isolate: false }
const oneAfterTheOther = { fileParallelism: false }
/** Projects that are run together (`npx vitest`) go one after the other. */
const turn = (groupOrder: number) => ({ sequence: { groupOrder } })
/** A service may take 40 s to start on a busy machine; who waits for nothing is not held up. */
const onStack = { testTimeout: 120_000, hookTimeout: 300_000, expect: { poll: { timeout: 30_000 } } }

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          ...turn(0),
          ...inParallel,
          ...sharedModules,
          include: ['{packages,services,scripts,web}/**/*.test.ts', ...testsOfTests],
        },
      },
      {
        test: {
          name: 'component',
          ...turn(1),
          ...onStack,
          ...sharedModules,
          ...inParallel,
          include: component,
          exclude: exclusive,
          globalSetup: ['tests/support/global-setup-infra.ts'],
        },
      },
      {
        test: {
          name: 'api',
          ...turn(2),
          ...onStack,
          ...sharedModules,
          ...inParallel,
          include: api,
          exclude: [...measured, ...exclusive],
          globalSetup: ['tests/support/global-setup.ts'],
        },
      },
      {
        test: {
          name: 'measured',
          ...turn(3),
          ...onStack,
          ...sharedModules,
          ...oneAfterTheOther,
          // Tests that run together only wait, for deadlines of 8 s.
          maxConcurrency: 16,
          include: measured,
          globalSetup: ['tests/support/global-setup.ts'],
        },
      },
      {
        test: {
          name: 'exclusive',
          ...turn(4),
          ...onStack,
          ...sharedModules,
          // One worker for each stack.
          maxWorkers: Number(process.env.EXCLUSIVE_STACKS ?? 1),
          include: exclusive,
          exclude: [...testsOfTests, ...measured],
          globalSetup: ['tests/support/global-setup-exclusive.ts'],
          setupFiles: ['tests/support/stack-of-worker.ts'],
        },
      },
      {
        test: {
          name: 'network',
          ...turn(5),
          ...onStack,
          ...sharedModules,
          ...oneAfterTheOther,
          include: network,
          globalSetup: ['tests/support/global-setup-network.ts'],
        },
      },
      { test: { name: 'boot', ...turn(6), ...onStack, ...sharedModules, ...inParallel, include: boot } },
    ],
  },
})
