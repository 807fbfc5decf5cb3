import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { auditVerdict } from './audit-verdict.ts'
import { complaintsAbout, type LockedPackage, unpinned } from './locked-packages.ts'

const root = join(import.meta.dirname, '../..')
const approved = {
  licenses: ['MIT', 'Apache-2.0'],
  licenseOf: { old: 'MIT' },
  installScripts: { node: true, bad: false },
}
const good: LockedPackage = { version: '1.0.0', integrity: 'sha512-x', license: 'MIT' }
const about = (name: string, changes: LockedPackage) =>
  complaintsAbout({ [`node_modules/x/node_modules/${name}`]: { ...good, ...changes } }, approved)

describe('what would be installed', () => {
  it.each<[string, LockedPackage, RegExp]>([
    ['without a checksum', { integrity: '' }, /no checksum/],
    ['from a repository', { resolved: 'git+ssh://git@example.org/a.git' }, /comes from git/],
    ['without encryption', { resolved: 'http://example.org/a.tgz' }, /comes from http:/],
    ['of a licence that is not on the list', { license: 'GPL-3.0-only' }, /GPL-3.0-only/],
    ['of two licences, one of which is not', { license: 'MIT AND GPL-3.0-only' }, /MIT AND GPL/],
    ['of a licence that cannot be read', { license: '(MIT OR (X AND MIT)) AND Y' }, /has the licence/],
    ['with an install script', { hasInstallScript: true }, /install script/],
  ])('is refused %s', (_what, changes, complaint) => {
    expect(about('a', changes)).toEqual([expect.stringMatching(complaint)])
  })

  it('is refused where it names no licence, unless somebody has read it', () => {
    const { license: _, ...unnamed } = good
    const names = ['old', 'other'].flatMap((name) => complaintsAbout({ [`node_modules/${name}`]: unnamed }, approved))
    expect(names).toEqual(['other 1.0.0: names no licence'])
  })

  it.each<[string, LockedPackage]>([
    ['a', { license: '(GPL-2.0-only OR MIT)' }],
    ['a', { license: 'apache-2.0' }],
    ['a', { license: '(MIT AND Apache-2.0)' }],
    ['node', { hasInstallScript: true }],
    ['bad', { hasInstallScript: true }],
    ['ours', { link: true, integrity: '' }],
  ])('%s with %j is fine', (name, changes) => {
    expect(about(name, changes)).toEqual([])
  })

  it('has one version each', () => {
    const dependencies = { a: '1.2.3', b: '^1.2.3', c: 'latest', d: '1.2.3-rc.1', e: '1.x', f: 'github:x/y' }
    expect(unpinned({ dependencies, devDependencies: { g: '>=1' } }).map((line) => line[0])).toEqual([...'bcefg'])
  })
})

describe('advisories', () => {
  const report = (high: number) =>
    JSON.stringify({
      metadata: { vulnerabilities: { low: 3, high, critical: 0 } },
      vulnerabilities: { a: { severity: 'low', range: '*' }, b: { severity: 'high', range: '<2' } },
    })

  it('that are high fail', () => {
    expect(auditVerdict(report(1))).toEqual({ outcome: 'found', detail: 'b <2: high' })
    expect(auditVerdict(report(0)).outcome).toBe('clean')
  })

  it.each(['', 'oops', '{"message":"405 Method Not Allowed"}', '{"error":{"code":"ENOAUDIT"}}'])(
    'are unknown where the registry answered %j',
    (printed) => expect(auditVerdict(printed).outcome).toBe('unknown'),
  )
})

describe('npm', () => {
  it('installs what the lock file says, and nothing else, on every start', () => {
    const start = readFileSync(join(root, 'scripts/start.mjs'), 'utf8')
    expect(start).toContain("spawnSync('npm', ['ci',")
    expect(start).not.toMatch(/'install'/)
  })

  it('lists every package in the bill of materials', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    const [program, ...args] = scripts.sbom.split(' ')
    const bill = JSON.parse(execFileSync(program, args, { cwd: root, encoding: 'utf8', maxBuffer: 1e8 }))
    expect(bill).toMatchObject({ bomFormat: 'CycloneDX', specVersion: expect.stringMatching(/^1\.[5-9]/) })
    const named = new Set(bill.components.map((component: { purl: string }) => decodeURIComponent(component.purl)))
    const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
    const locked = Object.entries(
      packages as Record<string, LockedPackage & { optional?: boolean; extraneous?: boolean }>,
    )
    const missing = locked
      .filter(([path, { link, optional }]) => path.includes('node_modules/') && !link && !optional)
      .map(([path, { version }]) => `pkg:npm/${path.slice(path.lastIndexOf('node_modules/') + 13)}@${version}`)
      .filter((purl) => !named.has(purl))
    expect(missing).toEqual([])
  }, 60_000)
})
