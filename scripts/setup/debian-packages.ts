import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { execa } from 'execa'

/** Programs, with the Debian package that brings each. */
const programs: Readonly<Record<string, string>> = {
  mariadbd: 'mariadb-server-core',
  'mariadb-install-db': 'mariadb-server-core',
  mariadb: 'mariadb-client-core',
  'mariadb-dump': 'mariadb-client',
  'redis-server': 'redis-server',
  ffmpeg: 'ffmpeg',
  ffprobe: 'ffmpeg',
}
/** What watches the stack, where it is wanted. */
const monitoringPrograms: Readonly<Record<string, string>> = {
  prometheus: 'prometheus',
  'prometheus-alertmanager': 'prometheus-alertmanager',
  'prometheus-node-exporter': 'prometheus-node-exporter',
  'prometheus-mysqld-exporter': 'prometheus-mysqld-exporter',
  'prometheus-redis-exporter': 'prometheus-redis-exporter',
}
/** Debian asks this program before it starts a service of a new package; 101 means no. */
const startPolicy = '/usr/sbin/policy-rc.d'

/** The Debian packages whose programs are missing. */
export function missingPackages({ withMonitoring }: { withMonitoring: boolean }): string[] {
  const wanted = { ...programs, ...(withMonitoring && monitoringPrograms) }
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin']
  const isHere = (program: string) => folders.some((folder) => existsSync(join(folder, program)))
  const missing = Object.entries(wanted).filter(([program]) => !isHere(program))
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
  if (existsSync(startPolicy)) return install()
  await asRoot(['sh', '-c', `umask 022; printf '#!/bin/sh\\nexit 101\\n' > ${startPolicy}; chmod 755 ${startPolicy}`])
  try {
    await install()
  } finally {
    await asRoot(['rm', '-f', startPolicy])
  }
}

async function apt(...args: string[]): Promise<void> {
  await asRoot(['env', 'DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1', 'apt-get', '-q', ...args])
}

async function asRoot(command: string[]): Promise<void> {
  const [program = '', ...rest] = process.getuid?.() === 0 ? command : ['sudo', ...command]
  await execa(program, rest, { stdin: 'inherit' })
}
