/** `npm run check:comments`: prints comment lines of TypeScript files that are too wide. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { wideComments } from './wide-comments.ts'

const files = execFileSync('git', ['ls-files', '*.ts', ':!web/src/generated'], { encoding: 'utf8' })
  .split('\n')
  .filter(Boolean)
const found = files.flatMap((file) =>
  wideComments(readFileSync(file, 'utf8')).map(({ line, width }) => `${file}:${line}: ${width} columns`),
)
if (found.length > 0) console.error(`Comments have at most 100 columns:\n${found.join('\n')}`)
process.exitCode = found.length === 0 ? 0 : 1
