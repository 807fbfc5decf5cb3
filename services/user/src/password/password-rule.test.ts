import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { PasswordRule } from './password-rule.ts'

const rule = new PasswordRule()
const refusal = (password: string, words: string[] = []) => {
  try {
    rule.refuseCommon(password, words)
  } catch (error) {
    return error
  }
}

describe('a password is refused', () => {
  test.each([
    ['is among the most used', '123456', 'ten most used'],
    ['leaked elsewhere, with letters replaced', 'Passw0rd!', 'leaked elsewhere'],
    ['leaked elsewhere, with digits behind it', 'secret123', 'leaked elsewhere'],
    ['repeats a character', 'x'.repeat(32), 'repeats one character'],
    ['repeats a leaked one', 'p@ssw0rd'.repeat(8), 'repeats a few characters'],
    ['is a row of keys', 'qwertyuiop', 'most used'],
    ['is a date', '19880808', 'a date'],
    ['is typed in full width', '１２３４５６', 'ten most used'],
  ])('that %s', (_, password, reason) => {
    expect(refusal(password)).toMatchObject({ code: 'password_too_common', detail: expect.stringContaining(reason) })
  })

  test('that is the name of its user, turned round or with something behind it', () => {
    for (const password of ['annabella', 'allebanna', 'Annabella1', 'fanone1'])
      expect(refusal(password, ['annabella']), password).toMatchObject({ code: 'password_too_common' })
  })
})

describe('a password is taken', () => {
  test.each([
    'correct horse battery staple',
    'tin roof & rain',
    '春天里的一只小猫爬上屋顶',
    '3Nf9a_Kx2Pq1',
    '👩‍👩‍👧 on the beach',
  ])('%s', (password) => expect(refusal(password, ['annabella'])).toBeUndefined())

  test('however it is made at random', () => {
    for (let count = 0; count < 50; count++) expect(refusal(randomBytes(9).toString('base64url'))).toBeUndefined()
  })
})

test('the longest and oddest passwords are judged in a bounded time', () => {
  const odd = ['1q2w3e4r'.repeat(8), 'aA1!'.repeat(16), '\u{1f600}'.repeat(64), '()'.repeat(32), '2020-01-01'.repeat(6)]
  for (const password of odd) refusal(password, [password])
  const { user } = process.cpuUsage()
  for (const password of odd) refusal(password, [password])
  expect((process.cpuUsage().user - user) / 1_000 / odd.length).toBeLessThan(250)
})
