import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { execa } from 'execa'

/** Programs, with the Debian package that brings each. */
const programs: Readonly<Record<string, string>> = {
  mariadbd: 'mariadb-server-core',
  'mariadb-install-db': 'mariadb-server-core',
  mariadb: 'mariadb-client-core',
  'redis-server': 'redis-server',
  ffmpeg: 'ffmpeg',
  ffprobe: 'ffmpeg',
}
/** Debian asks this program before it starts a service of a new package; 101 means no. */
const startPolicy = '/usr/sbin/policy-rc.d'

/** The Debian packages whose programs are missing. */
export function missingPackages(): string[] {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin']
  const isHere = (program: string) => folders.some((folder) => existsSync(join(folder, program)))
  const missing = Object.entries(programs).filter(([program]) => !isHere(program))
  return [...new Set(missing.map(([, name]) => name))]
}

/**
 * Installs packages without recommendations and without starting a system service.
 *
 * @throws Error that names the packages if there is no apt or no right to use it
 */
export async function installPackages(names: readonly string[]): Promise<void> {
  if (!existsSync('/usr/bin/apt-get'))
    throw new Error(`Install the programs of these Debian packages: ${names.join(' ')}`)
  try {
    await withoutServices(() => apt('install', '-y', '--no-install-recommends', ...names))
  } catch {
    await apt('update') // package lists missing or too old
    await withoutServices(() => apt('install', '-y', '--no-install-recommends', ...names))
  }
}

async function withoutServices(install: () => Promise<void>): Promise<void> {
  const isRoot = process.getuid?.() === 0
  if (!isRoot || existsSync(startPolicy)) return install()
  writeFileSync(startPolicy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    await install()
  } finally {
    rmSync(startPolicy, { force: true })
  }
}

async function apt(...args: string[]): Promise<void> {
  const command = ['env', 'DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1', 'apt-get', '-q', ...args]
  const [program = '', ...rest] = process.getuid?.() === 0 ? command : ['sudo', ...command]
  await execa(program, rest, { stdin: 'inherit' })
}
