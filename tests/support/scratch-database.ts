import { randomBytes } from 'node:crypto'
import { createLogger, type Database, type DatabaseDefinition, openDatabase } from '@fanone/service-kit'
import { createConnection } from 'mysql2/promise'
import { port, secrets } from './stack.ts'

export const silentLog = createLogger({ appId: 'test', level: 'fatal' })

/** The account that sees every database of the stack. Whoever takes it ends it. */
export async function connectAsRoot() {
  const password = (await secrets())['mysql-password-root'] as string
  return createConnection({ host: '127.0.0.1', port: port(7001), user: 'root', password })
}

/**
 * A database for one test on the stack's MySQL server, with the kit's tables and those of the
 * definition; `open` makes any number of instances.
 */
export async function scratchDatabase(definition: DatabaseDefinition = { entities: [], migrations: [] }) {
  const name = `scratch_${randomBytes(6).toString('hex')}`
  const password = randomBytes(12).toString('hex')
  const admin = await connectAsRoot()
  await admin.query(`create database ${name}`)
  await admin.query(`create user '${name}'@'127.0.0.1' identified by '${password}'`)
  await admin.query(`grant all on ${name}.* to '${name}'@'127.0.0.1'`)
  const opened: Database[] = []
  return {
    admin,
    name,
    async open(): Promise<Database> {
      const address = `127.0.0.1:${port(7001)}`
      const options = {
        ...definition,
        address,
        name,
        user: name,
        password,
        poolSize: 10,
        log: silentLog,
      }
      const database = await openDatabase(options)
      opened.push(database)
      return database
    },
    async drop(): Promise<void> {
      for (const database of opened) await database.close()
      await admin.query(`drop database ${name}`)
      await admin.query(`drop user '${name}'@'127.0.0.1'`)
      await admin.end()
    },
  }
}
