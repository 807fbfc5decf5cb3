import { expect, it } from 'vitest'
import { HashQueue } from './hash-queue.ts'
import { PasswordHasher } from './password-hasher.ts'

const hasher = await PasswordHasher.create(new HashQueue({ concurrency: 1, maxWaitMs: 10_000 }))
const passwordHash = await hasher.hash('Pässwort')

it('hashes with Argon2id as OWASP recommends', () => {
  expect(passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
})

it('the same password never gives the same hash', async () => {
  expect(await hasher.hash('Pässwort')).not.toBe(passwordHash)
})

it('takes the right password however the keyboard composes it', async () => {
  expect(await hasher.verify(passwordHash, 'Pa\u0308sswort')).toBe(true)
})

it('takes no other password, of whatever length', async () => {
  expect(await hasher.verify(passwordHash, 'pässwort')).toBe(false)
  expect(await hasher.verify(passwordHash, '')).toBe(false)
  expect(await hasher.verify(passwordHash, '\u0000'.repeat(400))).toBe(false)
  expect(await hasher.verify(passwordHash, '\ud800'.repeat(400))).toBe(false)
})

it('takes no password where there is no user', async () => {
  expect(await hasher.verify(undefined, 'Pässwort')).toBe(false)
})
