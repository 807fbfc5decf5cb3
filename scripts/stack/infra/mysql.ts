import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import type { Manifest } from '../manifest.ts'
import type { Part } from '../part.ts'
import { probeMysql } from '../probes.ts'
import type { Secrets } from '../secrets.ts'
import { type Settings, socketPath, stackPaths } from '../settings.ts'
import { writePrivate } from '../write-private.ts'

const root = process.getuid?.() === 0 ? ['--user=root'] : []

export const MONITORING_ACCOUNT = 'monitoring'

/** Creates the empty data folder once. An interrupted creation leaves nothing that looks ready. */
export async function prepareMysql(settings: Settings): Promise<void> {
  const dir = dataDir(settings)
  if (existsSync(dir)) return
  const unfinished = `${dir}.new`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { recursive: true, mode: 0o700 })
  mkdirSync(temporaryDir(settings), { recursive: true, mode: 0o700 })
  // `normal` leaves root without a password until the init file sets one, before the first
  // connection.
  await execa('mariadb-install-db', [
    '--no-defaults',
    `--datadir=${unfinished}`,
    `--tmpdir=${temporaryDir(settings)}`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
    '--skip-name-resolve',
    ...root,
  ])
  renameSync(unfinished, dir)
}

/** MariaDB on loopback; accounts and databases are put in order at each of its starts. */
export function mysqlPart(settings: Settings, manifest: Manifest, secrets: Secrets): Part {
  const port = manifest.serverPorts.mysql
  const { run } = stackPaths(settings)
  const initFile = join(run, 'mysql-init.sql')
  mkdirSync(temporaryDir(settings), { recursive: true, mode: 0o700 })
  writePrivate(initFile, initSql(manifest, secrets))
  const password = secrets['mysql-password-root'] ?? ''
  return {
    name: 'mysql',
    kind: 'infra',
    command: '/usr/sbin/mariadbd',
    args: [
      '--no-defaults',
      ...root,
      `--datadir=${dataDir(settings)}`,
      `--tmpdir=${temporaryDir(settings)}`,
      `--socket=${socketPath(join(run, 'mysql.sock'))}`,
      `--pid-file=${join(run, 'mysql.pid')}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      '--skip-name-resolve',
      `--init-file=${initFile}`,
      '--character-set-server=utf8mb4',
      '--collation-server=utf8mb4_unicode_ci',
      '--default-time-zone=+00:00',
      '--innodb-buffer-pool-size=192M',
      '--innodb-log-file-size=96M',
      '--innodb-flush-log-at-trx-commit=1',
      '--max-connections=300',
      '--sql-mode=STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',
    ],
    cwd: run,
    env: {},
    ports: { sql: port },
    graceMs: 20_000,
    probe: () => probeMysql(port, password),
  }
}

/** Root by password only, and one account per service that sees its own database only. */
export function initSql(manifest: Manifest, secrets: Secrets): string {
  const rootPassword = secrets['mysql-password-root']
  const lines = [
    `ALTER USER 'root'@'localhost' IDENTIFIED BY '${rootPassword}';`,
    ...account('root', rootPassword),
    `GRANT ALL PRIVILEGES ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;`,
    // The exporter reads the server's counters, for which an account needs no grant.
    ...account(MONITORING_ACCOUNT, secrets['mysql-password-monitoring']),
    ...accountsSql(manifest.apps, secrets, '127.0.0.1'),
  ]
  return `${lines.join('\n')}\n`
}

/**
 * The databases of these services, each with the one account that sees it.
 *
 * @param host from where the accounts may connect
 */
export function accountsSql(
  apps: readonly { appId: string; database: string | undefined }[],
  secrets: Secrets,
  host: string,
): string[] {
  return apps.flatMap(({ appId, database }) =>
    database === undefined
      ? []
      : [
          `CREATE DATABASE IF NOT EXISTS \`${database}\` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;`,
          ...account(appId, secrets[`mysql-password-${appId}`], host),
          // In a grant "_" stands for any letter, so it is escaped.
          `GRANT ALL PRIVILEGES ON \`${database.replaceAll('_', '\\_')}\`.* TO '${appId}'@'${host}';`,
        ],
  )
}

function account(name: string, password: string | undefined, host = '127.0.0.1'): string[] {
  const user = `'${name}'@'${host}'`
  return [
    `CREATE USER IF NOT EXISTS ${user} IDENTIFIED BY '${password}';`,
    `ALTER USER ${user} IDENTIFIED BY '${password}';`,
  ]
}

function dataDir(settings: Settings): string {
  return join(stackPaths(settings).data, 'mysql')
}

/**
 * Not shared: a starting server deletes the temporary tables in it, also those of a running server.
 */
function temporaryDir(settings: Settings): string {
  return join(stackPaths(settings).run, 'mysql-temporary')
}
