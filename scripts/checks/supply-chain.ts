/**
 * `npm run check:packages`: what would be installed has checksums, known licences and no install
 * script that nobody decided about; all versions are exact; no high advisories, if the registry can
 * be asked.
 */
import { readFileSync } from 'node:fs'
import { execa } from 'execa'
import { auditVerdict } from './audit-verdict.ts'
import { complaintsAbout, type LockedPackage, unpinned } from './locked-packages.ts'

const LICENSES = [
  ...['MIT', 'Apache-2.0', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'BlueOak-1.0.0'],
  ...['Zlib', 'Unlicense', 'CC0-1.0'],
  // Used as they are, as libraries of their own: nothing of ours becomes part of them.
  ...['MPL-2.0', 'LGPL-3.0-or-later'],
  // Data that a build tool reads; nothing of it is in what it builds.
  'CC-BY-4.0',
]
/** All three say it in a file named LICENSE. */
const LICENSE_OF = { busboy: 'MIT', streamsearch: 'MIT', 'combine-errors': 'MIT' }
const AUDIT_TIMEOUT_MS = 30_000

const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'))
const { packages } = read('package-lock.json') as { packages: Record<string, LockedPackage> }
const ours = Object.keys(packages).filter((path) => !path.includes('node_modules/'))

const complaints = [
  ...complaintsAbout(packages, {
    licenses: LICENSES,
    licenseOf: LICENSE_OF,
    installScripts: read('package.json').allowScripts,
  }),
  ...ours.flatMap((path) => {
    const manifest = `${path || '.'}/package.json`
    return unpinned(read(manifest)).map((dependency) => `${manifest}: ${dependency} is not one version`)
  }),
]

const { stdout } = await execa('npm', ['audit', '--audit-level=high', '--json'], {
  reject: false,
  timeout: AUDIT_TIMEOUT_MS,
})
const { outcome, detail } = auditVerdict(stdout)
if (outcome === 'unknown') console.log(`The registry was not asked for advisories: ${detail}`)
if (outcome === 'found') complaints.push(detail)

if (complaints.length > 0) console.error(complaints.join('\n'))
process.exitCode = complaints.length === 0 ? 0 : 1
