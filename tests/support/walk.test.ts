import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { walk } from './walk.ts'

test('folders that others make and remove meanwhile are no error, and what stays is there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fanone-walk-'))
  await mkdir(join(folder, 'stays/below'), { recursive: true })
  await writeFile(join(folder, 'stays/below/file'), '')
  let isOver = false
  const churning = Array.from({ length: 8 }, async (_, index) => {
    while (!isOver) {
      await mkdir(join(folder, `${index}/below`), { recursive: true })
      await rm(join(folder, `${index}`), { recursive: true })
    }
  })
  for (let round = 0; round < 50; round++)
    expect((await walk(folder)).map(({ name }) => name)).toEqual(expect.arrayContaining(['stays', 'file']))
  isOver = true
  await Promise.all(churning)
  await rm(folder, { recursive: true })
})
