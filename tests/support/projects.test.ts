import { globSync } from 'node:fs'
import { matchesGlob } from 'node:path'
import { expect, test } from 'vitest'
import { projects } from '../../scripts/testing/chosen.ts'
import config from '../../vitest.config.ts'
import { root } from './stack.ts'

interface Project {
  test: { name: string; include: string[]; exclude?: string[] }
}
const configured = (config as { test: { projects: Project[] } }).test.projects.map(({ test: options }) => options)

test('npm test knows every project', () => {
  expect(configured.map(({ name }) => name)).toEqual(projects)
})

test('every test file belongs to one project, or npm test would leave it out or run it twice', () => {
  const files = globSync(['{packages,services}/*/src/**/*.test.ts', '{scripts,tests}/**/*.test.ts'], { cwd: root })
  const isIn = (file: string, globs: string[] = []) => globs.some((glob) => matchesGlob(file, glob))
  const owners = (file: string) =>
    configured.filter(({ include, exclude }) => isIn(file, include) && !isIn(file, exclude)).map(({ name }) => name)
  expect(files.length).toBeGreaterThan(100)
  expect(files.map((file) => [file, owners(file).length]).filter(([, count]) => count !== 1)).toEqual([])
})
