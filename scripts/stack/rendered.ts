import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import type { Manifest } from './manifest.ts'
import { shiftSetting } from './ports.ts'
import { type Settings, stackPaths } from './settings.ts'

/**
 * Writes copies of the Dapr files with this stack's ports and folder, for its sidecars. The
 * originals hold the default addresses, so that `dapr run -f .` can use them. Variables in these
 * files would not work: Dapr's CLI passes no settings of dapr.yaml to daprd.
 */
export function renderDaprFiles(settings: Settings, manifest: Manifest): void {
  const { apps, sentryConfigFile } = manifest
  rmSync(root(settings), { recursive: true, force: true })
  const folders = new Set(apps.flatMap((app) => app.resourcesPaths))
  for (const folder of folders) {
    const files = readdirSync(folder).filter((file) => /\.ya?ml$/.test(file))
    for (const file of files) render(settings, join(folder, file), join(renderedPath(settings, folder), file))
  }
  const configurations = apps.flatMap((app) => [app.configFile, app.accessFile])
  for (const file of new Set([sentryConfigFile, ...configurations]))
    render(settings, file, renderedPath(settings, file))
}

/** Where the copy of a Dapr file or folder is. */
export function renderedPath(settings: Settings, path: string): string {
  const name = relative(dirname(settings.daprYaml), path).replaceAll('/', '_')
  return join(root(settings), name || basename(path))
}

/** A Dapr file's text with the ports and the folder of this stack. */
export function renderText(text: string, settings: Pick<Settings, 'portBase' | 'home'>): string {
  return shiftSetting('', text, settings.portBase).replaceAll('../../.fanone/', () => `${settings.home}/`)
}

function render(settings: Settings, from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 })
  writeFileSync(to, renderText(readFileSync(from, 'utf8'), settings))
}

function root(settings: Settings): string {
  return join(stackPaths(settings).run, 'dapr')
}
