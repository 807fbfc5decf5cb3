import { randomInt } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { cpus, loadavg, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { execa } from 'execa'
import { type Figures, renderFaultReport } from '../docs/fault-report.ts'
import { replaceMarked } from '../docs/marked.ts'
import type { Settings } from '../stack/settings.ts'

/**
 * `npm run faults [-- --rounds 20 --seed 7 --only R6]`: runs the whole fault catalogue on a stack
 * of its own and writes the figures into docs/faults.md. With `--only` it prints them, because a
 * page with one row would lose the others.
 *
 * @returns the exit code: 0 if every rule held
 */
export async function faults(settings: Settings, args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: 'string', default: '20' },
      seed: { type: 'string', default: String(randomInt(1_000_000_000)) },
      only: { type: 'string' },
    },
  })
  const { rounds, seed, only } = values
  const folder = join(settings.root, 'node_modules/.cache/fanone')
  const [figuresFile, outcomeFile] = [join(folder, 'faults.jsonl'), join(folder, 'faults.json')]
  await rm(figuresFile, { force: true })
  const startedAt = Date.now()
  const { exitCode, signal } = await execa(
    'vitest',
    [
      ...['run', '--project=exclusive', 'tests/faults/rows', ...(only ? ['-t', `${only}:`] : [])],
      ...['--reporter=default', '--reporter=json', `--outputFile.json=${outcomeFile}`],
    ],
    {
      cwd: settings.root,
      preferLocal: true,
      stdio: 'inherit',
      reject: false,
      env: { FULL: '1', FAULT_ROUNDS: rounds, TEST_SEED: seed, FAULT_FIGURES: figuresFile },
    },
  )
  if (signal !== undefined || !existsSync(figuresFile))
    throw new Error(`The run ended before it had figures to report (${signal ?? `exit code ${exitCode}`})`)
  const rows = (await readFile(figuresFile, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Figures)
  const report = renderFaultReport(
    rows.toSorted((a, b) => a.row.localeCompare(b.row, 'en', { numeric: true })),
    {
      date: new Date().toISOString().slice(0, 10),
      machine: describeMachine(),
      duration: Math.round((Date.now() - startedAt) / 60_000),
      failedRows: await failedRows(outcomeFile),
    },
  )
  const page = join(settings.root, 'docs/faults.md')
  if (only) console.log(`\n${report}`)
  else await writeFile(page, replaceMarked(await readFile(page, 'utf8'), 'npm run faults', report))
  return exitCode ?? 1
}

function describeMachine(): string {
  const [load = 0] = loadavg()
  const memory = Math.round(totalmem() / 2 ** 30)
  return `${cpus().length} cores, ${memory} GiB, load ${load.toFixed(1)} at the end, Node ${process.versions.node}`
}

/** The titles begin with the name of the row. */
async function failedRows(outcomeFile: string): Promise<string[]> {
  const { testResults } = JSON.parse(await readFile(outcomeFile, 'utf8')) as {
    testResults: { assertionResults: { status: string; title: string }[] }[]
  }
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults)
  return tests.filter(({ status }) => status === 'failed').map(({ title }) => title.split(':')[0] as string)
}
