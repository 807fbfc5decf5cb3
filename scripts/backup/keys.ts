import { readFile } from 'node:fs/promises'
import type { Secrets } from '../stack/secrets.ts'
import { sha256 } from './hash.ts'

/** What is in the databases and what clients hold is read with these; the rest can be made anew. */
const opensData = /-(encryption|index|signing)-key$/

/** The checksums of the keys that open data. A secret may be a list of keys, which grows. */
export function fingerprints(secrets: Secrets): Record<string, string[]> {
  const names = Object.keys(secrets).filter((name) => opensData.test(name))
  return Object.fromEntries(names.map((name) => [name, keysOf(secrets[name] as string).map(sha256)]))
}

/**
 * Reads the secrets that a backup is restored with: those it was made with, or later ones of the
 * same installation.
 *
 * @throws Error naming a key that the backup was made with and that is not among them
 */
export async function readSecretsFor(keys: Readonly<Record<string, string[]>>, file: string): Promise<Secrets> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new Error(`The secrets of this backup are needed, and there is no ${file}; say where with --secrets <file>`)
  })
  const secrets = JSON.parse(text) as Secrets
  const present = fingerprints(secrets)
  const missing = Object.entries(keys).find(([name, all]) => all.some((key) => !present[name]?.includes(key)))
  if (missing) throw new Error(`${file} has another ${missing[0]} than the one that this backup was made with`)
  return secrets
}

function keysOf(secret: string): string[] {
  if (!secret.startsWith('[')) return [secret]
  return (JSON.parse(secret) as unknown[]).map((key) => JSON.stringify(key))
}
