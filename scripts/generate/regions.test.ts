import { expect, test } from 'vitest'
import { replaceRegions } from './regions.ts'

const yaml = (ports: string) =>
  `by: hand\n# begin ports: written by npm run generate\n${ports}\n# end ports\nby: hand again\n`

test('a region is replaced, and nothing around it', () => {
  expect(replaceRegions(yaml('- 1\n- 2'), { ports: '- 3' })).toBe(yaml('- 3'))
  expect(replaceRegions(yaml('- 3'), { ports: '- 3' })).toBe(yaml('- 3'))
})

test('marks and regions must fit', () => {
  expect(() => replaceRegions(yaml(''), {})).toThrow('nothing is generated for the part ports')
  expect(() => replaceRegions('by: hand\n', { ports: '- 3' })).toThrow('no marks for ports')
})
