import { execa } from 'execa'

/** The projects of vitest.config.ts in the order they run: cheap and likely to fail first. */
export const projects = ['unit', 'component', 'api', 'measured', 'exclusive', 'network', 'boot'] as const
export type Project = (typeof projects)[number]

/** What runs: of each project all files, or those. A project that is not here does not run. */
export type Chosen = ReadonlyMap<Project, 'all' | readonly string[]>

/** Files that decide what the services do, which most tests only see over HTTP. */
const ofServices = /^(services|packages|components|dapr)\/|^dapr\.yaml$/
/** Files that decide how an installation starts, and the guides that are followed. */
const ofInstallations = /^scripts\/|^dapr\.yaml$|^package(-lock)?\.json$|^packages\/service-kit\/|^docs\/adding-/
const tests = /\.test\.ts$/

/**
 * Reads the arguments of `npm test`: none, `checks` (no test at all), projects, parts of file
 * names, or `--changed` with a commit to compare with.
 *
 * @throws Error where nothing has such a name
 */
export async function chooseTests(root: string, args: readonly string[]): Promise<Chosen> {
  const [first, ...others] = args
  if (first === undefined) return new Map(projects.map((project) => [project, 'all']))
  if (first === 'checks') return new Map()
  if (first === '--changed') return touchedBy(root, others[0] ?? (await forkPoint(root)))
  const named = projects.filter((project) => args.includes(project))
  const filters = args.filter((arg) => !named.some((project) => project === arg))
  if (filters.length === 0) return new Map(named.map((project) => [project, 'all']))
  const found = await listFiles(root, [...named.map((project) => `--project=${project}`), ...filters])
  if (found.size > 0) return found
  throw new Error(`There is no project and no test file ${filters.join(' ')}; projects are ${projects.join(', ')}`)
}

/**
 * The tests that import a changed file, and the projects that see changes without importing them.
 */
async function touchedBy(root: string, commit: string): Promise<Chosen> {
  const [changed, importing] = await Promise.all([changedFiles(root, commit), listFiles(root, [`--changed=${commit}`])])
  const touched = new Map<Project, 'all' | readonly string[]>(importing)
  for (const project of projectsTouchedBy(changed)) touched.set(project, 'all')
  const addToApi = (files: readonly string[]) => {
    const those = touched.get('api')
    if (those !== 'all') touched.set('api', [...(those ?? []), ...files])
  }
  if (changed.some((file) => file.endsWith('.md'))) addToApi(['tests/docs/commands.test.ts'])
  if (changed.some((file) => file.startsWith('web/'))) addToApi(['tests/web/'])
  return touched
}

/** The projects that see a change without importing what has changed. */
export function projectsTouchedBy(changed: readonly string[]): Project[] {
  const isChanged = (pattern: RegExp) => changed.some((file) => pattern.test(file) && !tests.test(file))
  return [
    // No import leads to scripts of Redis, components and generated files.
    ...(changed.some((file) => !/\.(ts|md)$/.test(file)) ? (['unit'] as const) : []),
    ...(isChanged(ofServices) ? (['api', 'measured', 'exclusive'] as const) : []),
    ...(isChanged(ofInstallations) ? (['network', 'boot'] as const) : []),
  ]
}

async function listFiles(root: string, options: string[]): Promise<Map<Project, string[]>> {
  // `--json` takes what follows it for the name of a file to write into.
  const list = ['list', '--filesOnly', ...options, '--json']
  const { stdout } = await execa('vitest', list, { cwd: root, preferLocal: true })
  const files = JSON.parse(stdout) as { file: string; projectName: Project }[]
  const byProject = Map.groupBy(files, ({ projectName }) => projectName)
  return new Map([...byProject].map(([project, found]) => [project, found.map(({ file }) => file)]))
}

/** Where this branch left main; on main itself the last commit. */
async function forkPoint(root: string): Promise<string> {
  const { stdout } = await execa('git', ['merge-base', 'HEAD', 'main'], { cwd: root })
  return stdout.trim()
}

/** Committed since, not committed yet, and new. */
async function changedFiles(root: string, commit: string): Promise<string[]> {
  const [changed, untracked] = await Promise.all([
    execa('git', ['diff', '--name-only', commit], { cwd: root }),
    execa('git', ['ls-files', '--others', '--exclude-standard'], { cwd: root }),
  ])
  return `${changed.stdout}\n${untracked.stdout}`.split('\n').filter((file) => file !== '')
}
