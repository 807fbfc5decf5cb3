import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chooseTests } from '../../scripts/testing/chosen.ts'
import { type Installation, newInstallation } from '../support/installation.ts'
import { portBase, root } from '../support/stack.ts'
import { anchorsOf, type Command, commandsOf, linksOf, type Page, readPages } from './markdown.ts'

const ofNpmItself = ['install', 'ci', 'config']
/** They would run this test again; what they are given is looked at instead. */
const ofTests = ['test', 'test:full']
const pages = await readPages(root)
const commands = pages.flatMap(commandsOf)

describe('commands in the documentation', () => {
  test('README and operations name the commands there are', () => {
    const names = (path: string) => new Set(commands.filter(({ page }) => page === path).map(({ name }) => name))
    for (const name of ['start', 'stop', 'status', 'logs', 'reset', 'test']) expect(names('README.md')).toContain(name)
    for (const name of ['infra', 'scale', 'feed:rebuild']) expect(names('docs/operations.md')).toContain(name)
  })

  test('each is a script of package.json', async () => {
    const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
    const unknown = commands.filter(({ name }) => !ofNpmItself.includes(name) && scripts[name] === undefined)
    expect(unknown).toEqual([])
  })

  test.for(distinct(commands.filter(({ name }) => ofTests.includes(name))))('%s chooses tests', async (line) => {
    const [, ...options] = line.split(' ')
    await expect(chooseTests(root, options)).resolves.toBeInstanceOf(Map)
  })

  describe('their options are accepted', () => {
    let installation: Installation

    // Nothing runs there and its ports are those of the tests' stack, so a start gets as far as its
    // options are good, and no further.
    beforeAll(async () => {
      installation = await newInstallation({ checkout: root, portBase })
    })
    afterAll(() => installation.remove())

    const isTried = ({ name, options }: Command) => options.length > 0 && !ofTests.includes(name)
    test.for(distinct(commands.filter(isTried)))('%s', async (line) => {
      const [name = '', ...options] = line.split(' ')
      const { output } = await installation.run(name, ...options)
      expect(output).toMatch(
        /is taken|There is nothing to delete|not running|FanOne is running already|There are no logs|where part is one of|npm start makes it|"running": false/,
      )
    })
  })
})

describe('what the documentation points at', () => {
  test.for(pages.map(({ path }) => path))('every link of %s leads somewhere', async (path) => {
    const page = pages.find((one) => one.path === path) as Page
    for (const link of linksOf(page)) {
      const [target = '', anchor] = link.split('#')
      const file = target === '' ? path : normalize(join(dirname(path), target))
      expect(existsSync(join(root, file)), link).toBe(true)
      if (anchor) expect(anchorsOf(await readFile(join(root, file), 'utf8')), link).toContain(anchor)
    }
  })

  test.for(pages.map(({ path }) => path))('every file that %s names is there', (path) => {
    const { text } = pages.find((one) => one.path === path) as Page
    const paths = /`((?:services|packages|components|dapr|scripts|tests|docs)\/[^`\s*<>{}…]*)`/g
    const names = [...text.matchAll(paths)].map(([, name = '']) => name)
    // The guide tells of files that its reader makes.
    for (const name of names.filter((one) => !one.includes('diary')))
      expect(existsSync(join(root, name)), name).toBe(true)
  })
})

/** Each command once, as one line; placeholders such as `<part>` cannot be tried. */
function distinct(all: Command[]): string[] {
  const lines = all.map(({ name, options }) => [name, ...options].join(' '))
  return [...new Set(lines)].filter((line) => !line.includes('<'))
}
