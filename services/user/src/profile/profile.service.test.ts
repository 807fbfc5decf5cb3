import { expect, it } from 'vitest'
import type { ProfileRow } from './profile.entity.ts'
import { applyChange } from './profile.service.ts'

const created = new Date('2026-01-01T00:00:00Z')
const now = new Date('2026-02-01T00:00:00Z')
const profile = () =>
  ({
    id: 1,
    username: 'ann',
    name: 'Ann',
    signature: 'Hi',
    version: 4,
    createdAt: created,
    updatedAt: created,
  }) as ProfileRow

it('a change gives the next version and its time, and leaves alone what it does not name', () => {
  const changed = profile()
  expect(applyChange(changed, { name: 'Anna' }, now)).toBe(true)
  expect(changed).toMatchObject({ name: 'Anna', signature: 'Hi', version: 5, updatedAt: now, createdAt: created })
})

it.each([[{}], [{ name: 'Ann' }], [{ name: 'Ann', signature: 'Hi' }], [{ signature: undefined }]])(
  'an edit that changes nothing is no change: %j',
  (change) => {
    const same = profile()
    expect(applyChange(same, change, now)).toBe(false)
    expect(same).toEqual(profile())
  },
)
