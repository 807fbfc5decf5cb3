import { mkdtemp, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { hasCode } from '../errors.ts'
import { createLogger } from '../log.ts'
import { SensitiveWords } from './sensitive-words.ts'

const log = createLogger({ appId: 'test', level: 'silent' })
let folder: string
let opened: SensitiveWords[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'words-'))
  opened = []
})
afterEach(async () => {
  for (const words of opened) await words.stop()
  await rm(folder, { recursive: true })
})

const file = () => join(folder, 'sensitive-words.txt')

async function open(policy: 'reject' | 'mask' = 'reject'): Promise<SensitiveWords> {
  const words = await SensitiveWords.open({ FANONE_HOME: folder, SENSITIVE_WORDS_POLICY: policy }, log)
  words.start()
  opened.push(words)
  return words
}

const isRefused = (words: SensitiveWords, texts: Record<string, string>) => {
  try {
    words.check(texts)
    return false
  } catch (error) {
    if (!hasCode(error, 'sensitive_words')) throw error
    return error.data?.issues?.map(({ path }) => path)
  }
}

test('without a file everything passes, until there is one', async () => {
  const words = await open()
  expect(isRefused(words, { title: 'badword' })).toBe(false)
  await writeFile(file(), '# comments are no words\n\nbadword\r\n')
  await expect
    .poll(() => isRefused(words, { title: 'BADWORD', description: 'fine' }), { timeout: 5_000 })
    .toEqual(['title'])
  expect(isRefused(words, { title: '# comments are no words' })).toBe(false)
})

test('a list that changes counts at once, also where a link is turned as Kubernetes does', async () => {
  await writeFile(join(folder, 'one'), 'first')
  await writeFile(join(folder, 'two'), 'second')
  await symlink('one', file())
  const words = await open()
  expect(isRefused(words, { title: 'first' })).toEqual(['title'])
  await symlink('two', join(folder, 'next'))
  await rename(join(folder, 'next'), file())
  await expect.poll(() => isRefused(words, { title: 'second' }), { timeout: 5_000 }).toEqual(['title'])
  expect(isRefused(words, { title: 'first' })).toBe(false)
})

test('a list that is gone stays as it was', async () => {
  await writeFile(file(), 'badword')
  const words = await open()
  await unlink(file())
  await new Promise((next) => setTimeout(next, 1_200))
  expect(isRefused(words, { title: 'badword' })).toEqual(['title'])
})

test('masking leaves everything else as it is', async () => {
  await writeFile(file(), '敏感词\nbadword')
  const words = await open('mask')
  expect(words.check({ title: '有敏感词', description: undefined, name: 'fine' })).toEqual({
    title: '有***',
    description: undefined,
    name: 'fine',
  })
  expect(() => words.refuse({ username: 'badword' })).toThrow()
})
