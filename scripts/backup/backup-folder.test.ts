import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Settings } from '../stack/settings.ts'
import { type BackupDescription, backupsIn, openBackup, sealBackup, unfinished } from './backup-folder.ts'
import { fingerprints, readSecretsFor } from './keys.ts'
import { checkFit } from './restore-backup.ts'

let folder: string
let backup: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fanone-backup-'))
  backup = join(folder, '20261128T120000Z')
  await mkdir(backup)
  for (const name of ['databases.sql.gz', 'events.jsonl.gz', 'media.jsonl']) await writeFile(join(backup, name), name)
})
afterEach(() => rm(folder, { recursive: true }))

const description: BackupDescription = {
  format: 1,
  takenAt: '2026-11-28T12:00:00.000Z',
  server: '10.11.19-MariaDB',
  lockedMs: 80,
  databases: {
    relation: { appId: 'relation', migrations: ['KitTables20261121', 'Follows20261121'], rows: { follow: 2 } },
  },
  events: { messages: 3, partitions: { 'user.followed': 2 } },
  media: { storage: 'local', files: 0, bytes: 0, missing: [] },
  keys: {},
}

it('is opened as it was sealed', async () => {
  await sealBackup(backup, description)
  expect(await openBackup(backup)).toEqual(description)
  expect(await backupsIn(folder)).toEqual(['20261128T120000Z'])
})

it.each(['backup.json', 'databases.sql.gz', 'events.jsonl.gz', 'media.jsonl'])(
  'is refused with another %s, and without it',
  async (name) => {
    await sealBackup(backup, description)
    await writeFile(join(backup, name), 'x', { flag: 'a' })
    await expect(openBackup(backup)).rejects.toThrow(`${name} in ${backup} is not what was written`)
    await rm(join(backup, name))
    await expect(openBackup(backup)).rejects.toThrow(`lacks ${name}`)
  },
)

it('is none before it is whole', async () => {
  await expect(openBackup(backup)).rejects.toThrow('is no backup, or one that was not finished')
  await sealBackup(backup, description)
  await rename(backup, unfinished(backup))
  expect(await backupsIn(folder)).toEqual([])
})

it('is refused where it is of a newer release, another storage or an unknown service', () => {
  const local = { s3: false } as Settings
  const withDatabase = (change: Partial<BackupDescription['databases'][string]>) => ({
    ...description,
    databases: { relation: { ...description.databases.relation, ...change } },
  })
  expect(() => checkFit(local, description)).not.toThrow()
  expect(() => checkFit(local, withDatabase({ migrations: ['Future20990101'] }) as BackupDescription)).toThrow(
    'newer release: relation has had the migration Future20990101',
  )
  expect(() => checkFit(local, withDatabase({ appId: 'gone' }) as BackupDescription)).toThrow('of gone')
  expect(() => checkFit({ s3: true } as Settings, description)).toThrow('STORAGE=local')
})

it('is restored with the keys it was made with, or with lists that have got more of them', async () => {
  const file = join(folder, 'secrets.json')
  const secrets = {
    'account-encryption-key': JSON.stringify([{ version: 1, key: 'one' }]),
    'phone-index-key': 'index',
    'mysql-password-user': 'password',
  }
  const keys = fingerprints(secrets)
  expect(Object.keys(keys)).toEqual(['account-encryption-key', 'phone-index-key'])
  const read = async (change: object) => {
    await writeFile(file, JSON.stringify({ ...secrets, ...change }))
    return await readSecretsFor(keys, file)
  }
  const rotated = {
    'account-encryption-key': JSON.stringify([
      { version: 1, key: 'one' },
      { version: 2, key: 'two' },
    ]),
  }
  await expect(read({ 'mysql-password-user': 'another', ...rotated })).resolves.toMatchObject(rotated)
  await expect(read({ 'phone-index-key': 'another' })).rejects.toThrow('another phone-index-key')
  await expect(read({ 'account-encryption-key': '[]' })).rejects.toThrow('another account-encryption-key')
  await expect(readSecretsFor(keys, join(folder, 'nowhere'))).rejects.toThrow('--secrets <file>')
})
