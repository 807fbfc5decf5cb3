import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { installPackages, missingPackages } from '../setup/debian-packages.ts'
import type { Settings } from '../stack/settings.ts'

interface Outcome {
  passed: number
  failed: number
}

interface Step {
  name: string
  group: 'checks' | 'unit' | 'stack' | 'network'
  run(settings: Settings, filters: string[]): Promise<Outcome>
}

/** Cheap and likely to fail first. The names are what `npm test -- <group>` takes. */
const steps: Step[] = [
  check('format and lint', ['biome', 'ci', ...(process.stdout.isTTY ? [] : ['--colors=off']), '.']),
  check('types', ['tsc', '--noEmit']),
  check('boundaries', ['depcruise', 'packages', 'services', 'scripts', 'tests']),
  { name: 'unit tests', group: 'unit', run: (settings, filters) => vitest('unit', settings, filters) },
  {
    name: 'tests on the running stack',
    group: 'stack',
    run: (settings, filters) => vitest('stack', settings, filters),
  },
  {
    name: 'tests of a network that fails',
    group: 'network',
    run: (settings, filters) => vitest('network', settings, filters),
  },
]

/**
 * `npm test [-- checks|unit|stack|network [file…]]`: static checks, unit tests, the tests on a
 * stack of their own, and those that need Toxiproxy on another. All steps run even if one fails;
 * the last line is `N passed, N failed`, where a static check counts as one test.
 *
 * @returns the exit code
 */
export async function test(settings: Settings, args: string[]): Promise<number> {
  const group = steps.find((step) => step.group === args[0])?.group
  const filters = group ? args.slice(1) : args
  const chosen = steps.filter((step) =>
    group ? step.group === group : filters.length === 0 || step.group !== 'checks',
  )
  const missing = missingPackages()
  if (missing.length > 0) {
    // Unit tests run the real Redis and ffmpeg too.
    console.log(`Installing Debian packages: ${missing.join(' ')}`)
    await installPackages(missing)
  }
  const total = { passed: 0, failed: 0 }
  for (const [index, step] of chosen.entries()) {
    console.log(`\n[${index + 1}/${chosen.length}] ${step.name}`)
    const startedAt = performance.now()
    const outcome = await step.run(settings, filters)
    total.passed += outcome.passed
    total.failed += outcome.failed
    const seconds = Math.round((performance.now() - startedAt) / 1_000)
    console.log(
      `[${index + 1}/${chosen.length}] ${step.name}: ${outcome.passed} passed, ${outcome.failed} failed in ${seconds} s`,
    )
  }
  console.log(`\n${total.passed} passed, ${total.failed} failed`)
  return total.failed === 0 ? 0 : 1
}

function check(name: string, [program, ...args]: [string, ...string[]]): Step {
  return {
    name,
    group: 'checks',
    async run(settings) {
      const { failed } = await execa(program, args, {
        cwd: settings.root,
        preferLocal: true,
        stdio: 'inherit',
        reject: false,
      })
      return failed ? { passed: 0, failed: 1 } : { passed: 1, failed: 0 }
    },
  }
}

/** Runs one vitest project; a run that ends without a report counts as one failure. */
async function vitest(project: string, settings: Settings, filters: string[]): Promise<Outcome> {
  const folder = join(settings.root, 'node_modules/.cache/fanone')
  const report = join(folder, `${project}.json`)
  await mkdir(folder, { recursive: true })
  await rm(report, { force: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const { exitCode } = await execa(
    'vitest',
    ['run', `--project=${project}`, '--passWithNoTests', ...reporters, ...filters],
    {
      cwd: settings.root,
      preferLocal: true,
      stdio: 'inherit',
      reject: false,
    },
  )
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(await readFile(report, 'utf8'))
    // A file that does not even load, or a set-up that breaks, fails no single test.
    const isBroken = exitCode !== 0 && numFailedTests === 0
    return { passed: numPassedTests, failed: numFailedTests + (isBroken ? 1 : 0) }
  } catch {
    return { passed: 0, failed: 1 }
  }
}
