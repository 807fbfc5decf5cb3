import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Settings } from '../stack/settings.ts'
import { announceSwitchOver, pendingSwitchOver, refuseDuringRestore, switchOver } from './switch-over.ts'

let home: string
let settings: Settings
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'fanone-switch-'))
  settings = { home } as Settings
})
afterEach(() => {
  rmSync(home, { recursive: true })
})

function write(path: string, text: string): void {
  mkdirSync(join(home, path, '..'), { recursive: true })
  writeFileSync(join(home, path), text)
}
const read = (path: string) => readFileSync(join(home, path), 'utf8')

/** What was there, and what a restore has put together. */
function prepare(): void {
  for (const name of ['data/mysql', 'data/s3', 'data/prometheus', 'secrets/secrets.json', 'sensitive-words.txt'])
    write(name, 'old')
  write('run/replayed-dead-letters.json', '{}')
  for (const name of ['data/mysql', 'secrets/secrets.json', 'sensitive-words.txt']) write(`restoring/${name}`, 'new')
  announceSwitchOver(settings, '/backups/one')
}

function expectSwitched(): void {
  const [kept = ''] = readdirSync(home).filter((name) => name.startsWith('before-restore-'))
  expect(['data/mysql', 'secrets/secrets.json'].map(read)).toEqual(['new', 'new'])
  expect(['data/mysql', 'secrets/secrets.json'].map((name) => read(join(kept, name)))).toEqual(['old', 'old'])
  expect(['data/s3', 'data/prometheus', 'sensitive-words.txt'].map(read)).toEqual(['old', 'old', 'old'])
  expect(existsSync(join(home, 'run/replayed-dead-letters.json'))).toBe(false)
  expect(existsSync(join(home, 'restoring'))).toBe(false)
}

it('puts what was restored in its place, what was there beside, and keeps what no backup has', () => {
  prepare()
  expect(switchOver(settings)).toMatch(/before-restore-/)
  expectSwitched()
})

it.each([1, 2, 3, 4, 5, 6])('goes on where it was killed before its change %i', (change) => {
  prepare()
  let changes = 0
  const rename: typeof renameSync = (from, to) => {
    if (++changes === change) throw new Error('killed')
    renameSync(from, to)
  }
  expect(() => switchOver(settings, rename)).toThrow('killed')
  expect(() => refuseDuringRestore(settings)).toThrow('npm run restore -- /backups/one')
  switchOver(settings)
  expectSwitched()
})

it('leaves nothing beside where nothing was there', () => {
  write('restoring/data/mysql', 'new')
  write('restoring/secrets/secrets.json', 'new')
  announceSwitchOver(settings, '/backups/one')
  expect(switchOver(settings)).toBeUndefined()
  expect(readdirSync(home).toSorted()).toEqual(['data', 'secrets'])
  expect(pendingSwitchOver(settings)).toBeUndefined()
})
