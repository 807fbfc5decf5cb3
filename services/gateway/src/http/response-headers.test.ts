import { describe, expect, it } from 'vitest'
import { chooseRequestId } from './response-headers.ts'

describe('request ids', () => {
  it('a harmless id of the client is kept', () => {
    expect(chooseRequestId('Abc-1.2_3')).toBe('Abc-1.2_3')
  })

  it.each([undefined, '', 'a b', 'a\nb', '<script>', 'x'.repeat(65), ['a', 'b']])('%j is replaced', (given) => {
    expect(chooseRequestId(given)).toMatch(/^[0-9a-f-]{36}$/)
  })
})
