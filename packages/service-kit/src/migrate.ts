import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { Address, ConfigError, loadConfig } from './config.ts'
import { migrateDatabase } from './database/database.ts'
import type { ServiceDeclaration } from './declaration.ts'
import { createLogger } from './log.ts'

// `node migrate.ts` in a service's folder applies its migrations and ends: what a deployment does
// before it starts a new version. It has no sidecar, so secrets come from a file.

const MigrationConfig = z.object({
  DATABASE: z.string().min(1),
  MYSQL_ADDRESS: Address,
  SECRETS_FILE: z.string().min(1),
})

const { default: service } = (await import(join(process.cwd(), 'service.ts'))) as { default: ServiceDeclaration }
const log = createLogger({ appId: service.appId, level: 'info' })
try {
  const config = loadConfig(MigrationConfig, process.env)
  const secrets = JSON.parse(readFileSync(config.SECRETS_FILE, 'utf8')) as Record<string, string>
  const password = secrets[`mysql-password-${service.appId}`]
  if (service.database === undefined || password === undefined)
    throw new Error(`there is no database of ${service.appId}, or no password for it`)
  await migrateDatabase({
    ...service.database,
    address: config.MYSQL_ADDRESS,
    name: config.DATABASE,
    user: service.appId,
    password,
    poolSize: 2,
    log,
  })
  log.info({ database: config.DATABASE }, 'migrated')
} catch (error) {
  if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`)
  else log.fatal({ err: error }, 'the migrations could not be applied')
  process.exitCode = 1
}
