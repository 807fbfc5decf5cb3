import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { execa } from 'execa'
import { filesIn } from '../generate/files-in.ts'

const root = join(import.meta.dirname, '../..')
export const chartFolder = join(root, 'charts/fanone')
const renderedFile = join(root, 'docs/kubernetes/rendered.yaml')
const valuesFile = join(chartFolder, 'ci/values.yaml')

/** docs/kubernetes/rendered.yaml as it should be. */
export async function renderExample(helm: string): Promise<string> {
  const args = [
    'template',
    'fanone',
    chartFolder,
    '--namespace=fanone',
    '--kube-version=1.33',
    `--values=${valuesFile}`,
  ]
  const { stdout } = await execa(helm, args)
  return `${header()}\n${stdout}\n`
}

export async function writeExample(helm: string): Promise<void> {
  writeFileSync(renderedFile, await renderExample(helm))
}

export const readExample = (): string => readFileSync(renderedFile, 'utf8')

/** Tells without Helm whether the rendered output is that of this chart. */
export function header(): string {
  const hash = createHash('sha256')
  for (const file of filesIn(chartFolder)) hash.update(`${relative(chartFolder, file)}\n`).update(readFileSync(file))
  return `# charts/fanone with ci/values.yaml, as npm run chart:render writes it. Chart: sha256 ${hash.digest('hex')}`
}
