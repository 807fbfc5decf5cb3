import { describe, expect, it } from 'vitest'
import { mergeParameters } from './bodies.ts'

describe('parameters of query and form', () => {
  it('each is accepted, and both together', () => {
    expect(mergeParameters({ a: '1' }, undefined)).toEqual({ a: '1' })
    expect(mergeParameters({}, { b: '2' })).toEqual({ b: '2' })
    expect(mergeParameters({ a: '1' }, { b: '2' })).toEqual({ a: '1', b: '2' })
  })

  it('the form wins', () => {
    expect(mergeParameters({ a: '1' }, { a: '2' })).toEqual({ a: '2' })
  })

  it('a parameter named like a part of every object reaches nothing', () => {
    const form = Object.assign(Object.create(null), JSON.parse('{"__proto__":{"polluted":true}}'))
    mergeParameters({}, form)
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })
})
