import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'

/**
 * A fenced block of a page. `attributes` is the text behind its language: ```ts file=src/main.ts
 */
export interface CodeBlock {
  language: string
  attributes: Readonly<Record<string, string>>
  text: string
}

export function codeBlocks(markdown: string): CodeBlock[] {
  return [...markdown.matchAll(/^```(\w+)([^\n]*)\n([\s\S]*?)^```$/gm)].map(
    ([, language = '', info = '', text = '']) => {
      const attributes = [...info.matchAll(/(\w+)=(?:"([^"]*)"|(\S+))/g)].map(([, name = '', quoted, plain]) => [
        name,
        quoted ?? plain ?? '',
      ])
      return { language, attributes: Object.fromEntries(attributes), text }
    },
  )
}

/** A page of the documentation, by its path in the checkout. */
export interface Page {
  path: string
  text: string
}

/** Every page that people are meant to read. */
export async function readPages(root: string): Promise<Page[]> {
  const { stdout } = await execa('git', ['ls-files', '-co', '--exclude-standard', '*.md'], { cwd: root })
  const paths = stdout.split('\n').filter((path) => path !== '')
  return Promise.all(paths.map(async (path) => ({ path, text: await readFile(join(root, path), 'utf8') })))
}

/**
 * A command of the project: `npm run logs -- video` has the name `logs` and the options
 * `['video']`.
 */
export interface Command {
  page: string
  name: string
  options: string[]
}

/**
 * Every npm command in a page's blocks for the shell and between backticks. Options that a line
 * shows on their own, as in "`npm start`: … `-- --no-demo` leaves the demo out", belong to the
 * command before them.
 */
export function commandsOf({ path, text }: Page): Command[] {
  const shell = codeBlocks(text).filter(({ language }) => language === 'sh')
  const lines = shell.flatMap((block) => block.text.split('\n')).map((line) => [line.replace(/\s+#.*$/, '')])
  const prose = withoutBlocks(text).split('\n')
  const codes = prose.map((line) => (line.match(/`[^`]+`/g) ?? []).map((code) => code.slice(1, -1)))
  return [...lines, ...codes].flatMap((line) => commandsOfLine(path, line))
}

function commandsOfLine(page: string, codes: string[]): Command[] {
  const commands: Command[] = []
  for (const code of codes) {
    const words = code.trim().split(/\s+/)
    const start = words.indexOf('npm')
    const last = commands.at(-1)
    if (start >= 0) commands.push(readCommand(page, words.slice(start + 1)))
    else if (last && words[0] === '--') commands.push({ page, name: last.name, options: words.slice(1) })
  }
  return commands
}

function readCommand(page: string, [first = '', ...rest]: string[]): Command {
  const [name = '', ...options] = first === 'run' ? rest : [first, ...rest]
  return { page, name, options: options.filter((option) => option !== '--') }
}

/** Where a page's links lead, without those to other sites. */
export function linksOf({ text }: Page): string[] {
  return [...withoutBlocks(text).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) =>
    /^[a-z]+:/.test(target) ? [] : [target],
  )
}

/** The anchors that a page's headings have on GitHub and in editors. */
export function anchorsOf(text: string): string[] {
  const headings = withoutBlocks(text).match(/^#+ .+$/gm) ?? []
  return headings.map((heading) => {
    const plain = heading.replace(/^#+ /, '').toLowerCase()
    return plain.replace(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-')
  })
}

const withoutBlocks = (markdown: string) => markdown.replace(/^```[\s\S]*?^```$/gm, '')
