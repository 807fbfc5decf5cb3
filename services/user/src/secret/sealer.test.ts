import { describe, expect, it } from 'vitest'
import { Sealer } from './sealer.ts'

const key = (version: number, text = String(version)) => ({ version, key: text.repeat(32).slice(0, 40) })
const sealer = (...keys: ReturnType<typeof key>[]) => Sealer.parse(JSON.stringify(keys))

describe('a sealed secret', () => {
  it('is opened again, and never looks the same', () => {
    const one = sealer(key(1))
    const [first, second] = [one.seal('the secret', 'user 1'), one.seal('the secret', 'user 1')]
    expect(first.sealed).not.toBe(second.sealed)
    expect(Buffer.from(first.sealed, 'base64url').toString('latin1')).not.toContain('secret')
    expect(one.open(first, 'user 1')).toBe('the secret')
  })

  it('is not opened for another owner, with another key, or where a bit of it was turned', () => {
    const one = sealer(key(1))
    const { sealed, keyVersion } = one.seal('the secret', 'user 1')
    expect(() => one.open({ sealed, keyVersion }, 'user 2')).toThrow()
    expect(() => sealer(key(1, 'x')).open({ sealed, keyVersion }, 'user 1')).toThrow()
    const bytes = Buffer.from(sealed, 'base64url')
    for (const index of bytes.keys()) {
      const changed = Buffer.from(bytes)
      changed[index] = (changed[index] as number) ^ 1
      expect(() => one.open({ sealed: changed.toString('base64url'), keyVersion }, 'user 1')).toThrow()
    }
  })

  it('gets the newest key and keeps its own: a rotation loses nothing', () => {
    const old = sealer(key(1)).seal('the secret', 'user 1')
    const both = sealer(key(2), key(1))
    expect(both.open(old, 'user 1')).toBe('the secret')
    const fresh = both.seal('the secret', 'user 1')
    expect(fresh.keyVersion).toBe(2)
    expect(() => sealer(key(1)).open(fresh, 'user 1')).toThrow('no version 2')
  })
})

it.each([
  ['is empty', ''],
  ['is no list', '{}'],
  ['has no key', '[]'],
  ['has a short key', JSON.stringify([{ version: 1, key: 'short' }])],
  ['has a version twice', JSON.stringify([key(1), key(1, 'x')])],
  ['has no version', JSON.stringify([{ key: 'x'.repeat(32) }])],
])('a key that %s is refused, in one line without it', (_what, secret) => {
  expect(() => Sealer.parse(secret)).toThrow(/^The secret account-encryption-key must be [^\n]+$/)
})
