/** What a lock file says of one package. */
export interface LockedPackage {
  version?: string
  resolved?: string
  integrity?: string
  license?: string
  hasInstallScript?: boolean
  /** A folder of this repository. */
  link?: boolean
}

export interface Approved {
  /** Licences, by SPDX id. */
  licenses: readonly string[]
  /** Licences of packages whose manifests name none, by package; read in their licence files. */
  licenseOf: Readonly<Record<string, string>>
  /** Packages with install scripts, and whether these may run: npm's `allowScripts`. */
  installScripts: Readonly<Record<string, boolean>>
}

/**
 * What is wrong with what would be installed.
 *
 * @param packages those of a `package-lock.json`, by path
 * @returns a line for each complaint
 */
export function complaintsAbout(packages: Readonly<Record<string, LockedPackage>>, approved: Approved): string[] {
  return Object.entries(packages)
    .filter(([path, { link }]) => path.includes('node_modules/') && !link)
    .flatMap(([path, locked]) => {
      const name = nameOf(path)
      return complaintsAboutOne(name, locked, approved).map((complaint) => `${name} ${locked.version}: ${complaint}`)
    })
}

function complaintsAboutOne(
  name: string,
  { integrity, resolved, license, hasInstallScript }: LockedPackage,
  approved: Approved,
): string[] {
  const complaints: string[] = []
  if (!integrity) complaints.push('has no checksum')
  if (resolved && !resolved.startsWith('https://')) complaints.push(`comes from ${resolved}`)
  const stated = license ?? approved.licenseOf[name]
  if (!stated) complaints.push('names no licence')
  else if (!isApproved(stated, approved.licenses)) complaints.push(`has the licence ${stated}`)
  if (hasInstallScript && !Object.hasOwn(approved.installScripts, name))
    complaints.push('has an install script that nobody decided about')
  return complaints
}

/** Whether an SPDX expression can be met by approved licences alone; nested ones are not. */
function isApproved(expression: string, licenses: readonly string[]): boolean {
  const known = new Set(licenses.map((id) => id.toLowerCase()))
  const flat = expression.replace(/^\((.*)\)$/, '$1')
  return flat.split(' OR ').some((terms) => terms.split(' AND ').every((id) => known.has(id.toLowerCase())))
}

/**
 * Dependencies that a manifest does not pin to one version.
 *
 * @returns `name range` for each
 */
export function unpinned(manifest: {
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
}): string[] {
  return Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
    .filter(([, range]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(range))
    .map(([name, range]) => `${name} ${range}`)
}

const nameOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
