import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import type { Project } from './chosen.ts'

/** What came of one step. */
export interface Outcome {
  passed: number
  failed: number
  files: readonly FileTime[]
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
    const { numPassedTests, numFailedTests } = JSON.parse(await readFile(report, 'utf8'))
    // A file that does not even load, or a set-up that breaks, fails no single test.
    const isBroken = exitCode !== 0 && numFailedTests === 0
    const files = JSON.parse(await readFile(times, 'utf8')) as FileTime[]
    return { passed: numPassedTests, failed: numFailedTests + (isBroken ? 1 : 0), files }
  } catch {
    return { passed: 0, failed: 1, files: [] }
  }
}
