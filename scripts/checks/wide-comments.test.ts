import { expect, it } from 'vitest'
import { wideComments } from './wide-comments.ts'

const words = (columns: number) => 'word '.repeat(columns).slice(0, columns)

it('finds the comment lines above 100 columns and counts letters, not bytes', () => {
  const text = [`// ${words(97)}`, `// ${words(98)}`, `   * ${words(96)}`, `/** ${words(92)}é */`].join('\n')
  expect(wideComments(text)).toEqual([
    { line: 2, width: 101 },
    { line: 3, width: 101 },
  ])
})

it('allows wide code, long links and instructions to tools', () => {
  const link = `// see https://example.org/${'a'.repeat(90)}`
  expect(wideComments([`call(${words(120)})`, link, `// biome-ignore lint: ${words(100)}`].join('\n'))).toEqual([])
})
