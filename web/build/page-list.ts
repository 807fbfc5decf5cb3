import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'vite'

const routes = join(import.meta.dirname, '../src/routes')

/**
 * The paths of all pages in the router's form: `/watch/$id`. A file is a page, but for
 * `__root`.
 */
export function pagePaths(files: readonly string[] = readdirSync(routes)): string[] {
  const pages = files.filter((file) => file.endsWith('.tsx') && !file.startsWith('_'))
  const paths = pages.map(
    (file) =>
      `/${file
        .slice(0, -'.tsx'.length)
        .replaceAll('.', '/')
        .replace(/\/?index$/, '')}`,
  )
  // What pages below a path share is a file at the same path as the first of them.
  return [...new Set(paths)].sort()
}

/** Writes `pages.json`, by which the gateway knows a page from a path that does not exist. */
export function pageList(): Plugin {
  return {
    name: 'fanone-page-list',
    apply: 'build',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'pages.json', source: JSON.stringify(pagePaths()) })
    },
  }
}
