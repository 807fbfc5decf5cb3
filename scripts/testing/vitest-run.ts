import { mkdir, readFile, rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { execa } from 'execa'
import type { Project } from './chosen.ts'

/** What came of one step. */
export interface Outcome {
  passed: number
  failed: number
  files: readonly FileTime[]
  failures: readonly Failure[]
}

/** A test, a file or a check that failed, and what it said. */
export interface Failure {
  name: string
  said: string
}

/** How long a test file took, hooks included. */
export interface FileTime {
  file: string
  ms: number
}

/**
 * Runs one project; a run that ends without a report counts as one failure.
 *
 * @param options.files none for all files of the project
 */
export async function runProject(
  project: Project,
  options: { root: string; files: readonly string[]; env: Readonly<Record<string, string>> },
): Promise<Outcome> {
  const folder = join(options.root, 'node_modules/.cache/fanone')
  const [report, times] = [join(folder, `${project}.json`), join(folder, `${project}.times.json`)]
  await mkdir(folder, { recursive: true })
  await Promise.all([report, times].map((file) => rm(file, { force: true })))
  const reporters = ['default', 'json', './scripts/testing/file-times.ts'].map((name) => `--reporter=${name}`)
  const { exitCode } = await execa(
    'vitest',
    ['run', `--project=${project}`, '--passWithNoTests', ...reporters, `--outputFile.json=${report}`, ...options.files],
    {
      cwd: options.root,
      preferLocal: true,
      stdio: 'inherit',
      reject: false,
      env: { ...options.env, FILE_TIMES: times },
    },
  )
  try {
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(await readFile(report, 'utf8')) as Report
    // A file that does not even load, or a set-up that breaks, fails no single test.
    const isBroken = exitCode !== 0 && numFailedTests === 0
    const files = JSON.parse(await readFile(times, 'utf8')) as FileTime[]
    const failures = failuresOf(testResults, options.root)
    if (isBroken && failures.length === 0) failures.push({ name: project, said: 'set-up or tear-down broke' })
    return { passed: numPassedTests, failed: numFailedTests + (isBroken ? 1 : 0), files, failures }
  } catch {
    return { passed: 0, failed: 1, files: [], failures: [{ name: project, said: 'ended without a report' }] }
  }
}

/** What is read of the JSON reporter's report. */
interface Report {
  numPassedTests: number
  numFailedTests: number
  testResults: readonly FileReport[]
}

export interface FileReport {
  name: string
  status: string
  message: string
  assertionResults: readonly { status: string; fullName: string; failureMessages?: readonly string[] | null }[]
}

/** Failed tests, and files that failed without one: they do not load, or a hook breaks. */
export function failuresOf(files: readonly FileReport[], root: string): Failure[] {
  return files.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(root, name)
    const failed = assertionResults.filter((result) => result.status === 'failed')
    if (failed.length === 0) return status === 'failed' ? [{ name: file, said: message }] : []
    return failed.map(({ fullName, failureMessages }) => ({
      name: `${file} > ${fullName}`,
      said: (failureMessages ?? []).join('\n'),
    }))
  })
}
