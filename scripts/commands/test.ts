import { randomInt } from 'node:crypto'
import { execa } from 'execa'
import { installPackages, missingPackages } from '../setup/debian-packages.ts'
import { fetchSchemathesis } from '../setup/schemathesis.ts'
import { buildVersitygw } from '../setup/versitygw.ts'
import type { Settings } from '../stack/settings.ts'
import { type Chosen, chooseTests, type Project, projects } from '../testing/chosen.ts'
import { overBudget, slowest, whatFailed } from '../testing/report.ts'
import { stackOfTests } from '../testing/stack-of-tests.ts'
import { type Failure, type Outcome, runProject } from '../testing/vitest-run.ts'
import { findPrograms } from './start-tasks.ts'

interface Step {
  name: string
  run(): Promise<Outcome>
}

const checks: Record<string, [string, ...string[]]> = {
  'format and lint': ['biome', 'ci', ...(process.stdout.isTTY ? [] : ['--colors=off']), '.'],
  types: ['tsc', '--noEmit'],
  boundaries: ['depcruise', 'packages', 'services', 'scripts', 'tests'],
  'width of comments': ['node', 'scripts/checks/comment-width.ts'],
  packages: ['node', 'scripts/checks/supply-chain.ts'],
}

/**
 * `npm test [-- checks | project… | file… | --changed [commit]]`: static checks, then the projects
 * of vitest.config.ts on one stack. All steps run even if one fails; the last line is `N passed, N
 * failed`, where a static check counts as one test.
 *
 * @returns the exit code
 */
export async function test(settings: Settings, args: string[]): Promise<number> {
  const chosen = await chooseTests(settings.root, args)
  const withChecks = args.length === 0 || args[0] === 'checks' || args[0] === '--changed'
  const withStack = [...chosen.keys()].some((project) => project !== 'unit')
  await fetchWhatIsMissing(settings, chosen)
  process.env.TEST_SEED ??= String(randomInt(1_000_000_000))
  const stack = withStack ? await stackOfTests(settings) : undefined
  const steps = [
    ...(withChecks ? [checkStep(settings)] : []),
    ...projectSteps(settings, chosen, stack?.env ?? {}, () => stack?.stop()),
  ]
  try {
    const startedAt = performance.now()
    const outcome = await runSteps(steps)
    const isEverything = args.length === 0 && process.env.FULL !== '1'
    return report(outcome, isEverything ? overBudget(performance.now() - startedAt) : undefined)
  } finally {
    await stack?.stop()
  }
}

/** All at once: most of them use one core. What they say is shown one after the other. */
function checkStep({ root }: Settings): Step {
  return {
    name: 'static checks',
    async run() {
      const all = Object.entries(checks).map(async ([name, [program, ...args]]) => {
        const { failed, all: said } = await execa(program, args, {
          cwd: root,
          preferLocal: true,
          all: true,
          reject: false,
        })
        console.log([`${name}: ${failed ? 'failed' : 'passed'}`, said].filter(Boolean).join('\n'))
        return failed ? [{ name, said: said ?? '' }] : []
      })
      const failures = (await Promise.all(all)).flat()
      return { passed: all.length - failures.length, failed: failures.length, files: [], failures }
    },
  }
}

function projectSteps(
  { root }: Settings,
  chosen: Chosen,
  env: Readonly<Record<string, string>>,
  stopStack: () => Promise<void> | undefined,
): Step[] {
  const run = async (project: Project) => {
    // Two stacks at once are more than a small machine bears.
    if (project === 'boot') await stopStack()
    const files = chosen.get(project) ?? []
    // The full count measures recoveries, so nothing else may be going on.
    const stacks = files === 'all' && process.env.FULL !== '1' ? '2' : '1'
    return runProject(project, {
      root,
      env: { ...env, EXCLUSIVE_STACKS: stacks },
      files: files === 'all' ? [] : files,
    })
  }
  const isChosen = (project: Project) => chosen.has(project)
  return projects.filter(isChosen).map((project) => ({ name: `${project} tests`, run: () => run(project) }))
}

async function runSteps(steps: readonly Step[]): Promise<Outcome> {
  const total = { passed: 0, failed: 0, files: [] as Outcome['files'], failures: [] as Failure[] }
  let isInterrupted = false
  // The signal also ends the step that runs; the stack is stopped afterwards.
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => (isInterrupted = true))
  for (const [index, step] of steps.entries()) {
    if (isInterrupted) break
    const title = `[${index + 1}/${steps.length}] ${step.name}`
    console.log(`\n${title}`)
    const startedAt = performance.now()
    const { passed, failed, files, failures } = await step.run()
    total.passed += passed
    total.failed += failed
    total.files = [...total.files, ...files]
    total.failures.push(...failures)
    const seconds = Math.round((performance.now() - startedAt) / 1_000)
    console.log(`${title}: ${passed} passed, ${failed} failed in ${seconds} s`)
  }
  return total
}

/** @param complaint about the run as a whole, which counts as one failure */
function report({ passed, failed, files, failures }: Outcome, complaint: string | undefined): number {
  const failedInAll = failed + (complaint === undefined ? 0 : 1)
  console.log(slowest(files))
  if (failures.length > 0) console.log(whatFailed(failures))
  if (failedInAll > 0) console.log(`\nTEST_SEED=${process.env.TEST_SEED} draws the same samples and faults again`)
  if (complaint !== undefined) console.log(`\n${complaint}`)
  console.log(`\n${passed} passed, ${failedInAll} failed`)
  return failedInAll === 0 ? 0 : 1
}

/** Before the steps, so that the first run in a new place is timed like any other. */
async function fetchWhatIsMissing(settings: Settings, chosen: Chosen): Promise<void> {
  if (chosen.size === 0) return
  // Unit tests run the real Redis and ffmpeg too.
  const missing = missingPackages({ withMonitoring: true })
  if (missing.length > 0) {
    console.log(`Installing Debian packages: ${missing.join(' ')}`)
    await installPackages(missing)
  }
  const onStack = projects.filter((project) => project !== 'unit' && chosen.has(project))
  const toxiproxy = onStack.includes('network')
  const withMonitoring = toxiproxy || onStack.includes('boot')
  if (onStack.length > 0)
    await findPrograms({ settings: { ...settings, toxiproxy }, withApps: true, withMonitoring }, console.log)
  if (chosen.get('component') === 'all') await buildVersitygw(settings.cache)
  if (chosen.get('api') === 'all') await fetchSchemathesis(settings.cache)
}
