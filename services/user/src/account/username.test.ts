import { describe, expect, it } from 'vitest'
import { displayUsername, usernameKey } from './username.ts'

const isSame = (left: string, right: string) => usernameKey(left) === usernameKey(right)

describe('two user names are the same', () => {
  it.each([
    ['whatever their case', 'Alice', 'aLICE'],
    ['whatever their case in other scripts', 'ИВАН', 'иван'],
    ['composed or decomposed', 'Ren\u00e9', 'Rene\u0301'],
    ['in full width', 'ａｌｉｃｅ', 'alice'],
    ['with a ligature', 'ﬁnn', 'finn'],
    ['with a sigma at the end', 'ΟΔΥΣΣΕΥΣ', 'οδυσσευσ'],
    ['with the Kelvin sign', '\u212Aarl', 'karl'],
    ['with characters nobody sees', 'bo\u{FE0F}b', 'bob'],
    ['with the capital sharp s', 'STRA\u1E9EE', 'straße'],
  ])('%s', (_rule, left, right) => expect(isSame(left, right)).toBe(true))
})

describe('two user names are different', () => {
  it.each([
    ['by an accent', 'rené', 'rene'],
    ['by ß and ss', 'straße', 'strasse'],
    ['by script, although they look alike', 'аnna', 'anna'],
    ['by a dot', 'a.b.c', 'abc'],
    ['by the sounds of kana', 'はは', 'ぱぱ'],
  ])('%s', (_rule, left, right) => expect(isSame(left, right)).toBe(false))
})

it('the longest name has a key that fits its column', () => {
  expect([...usernameKey('\uFDFA'.repeat(32))].length).toBeLessThanOrEqual(600)
  expect([...displayUsername('\uFB2C'.repeat(32))].length).toBeLessThanOrEqual(100)
})

it('a name is kept as typed, composed', () => expect(displayUsername(' Rene\u0301 ')).toBe('Ren\u00e9'))

it('a key is its own key', () => {
  for (const name of ['ΑΣ', 'ǅungla', 'İstanbul', 'ﬁﬂ', '\uFDFA'])
    expect(usernameKey(usernameKey(name))).toBe(usernameKey(name))
})
