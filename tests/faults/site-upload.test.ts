import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { expect, test } from 'vitest'
import { api, clipFile, newMember } from '../support/community.ts'
import { killAndAwait } from '../support/faults.ts'
import { isFull } from '../support/sampling.ts'
import { holdUploads, keptBytes, openBrowser, soon, visitAs } from '../support/site.ts'
import { padded, publishedBy } from '../support/uploads.ts'

const FILE_BYTES = 200e6

test.runIf(isFull)('200 MB, the tab reloaded twice and the gateway killed once, end as one video', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fanone-film-'))
  const [browser, member] = await Promise.all([openBrowser(), newMember('films')])
  try {
    const file = join(folder, 'film.mp4')
    const bytes = padded(await readFile(await clipFile()), FILE_BYTES)
    await writeFile(file, bytes)
    const { page } = await visitAs(browser, member, '/upload')
    const allow = await holdUploads(page, 8)
    await page.getByLabel('Choose videos').setInputFiles(file)
    for (const [index, pieces] of [12, Number.POSITIVE_INFINITY].entries()) {
      await expect.poll(() => keptBytes(page), soon).toBeGreaterThan((index + 1) * 60e6)
      await page.reload()
      await allow(pieces)
      await page.getByLabel('Choose the file again').setInputFiles(file)
      if (index === 0) await killAndAwait('gateway')
    }
    await page.getByRole('button', { name: /^Publish/ }).click()
    await page.getByRole('link', { name: 'Watch it' }).waitFor()
    const ids = await publishedBy(member)
    expect(ids).toHaveLength(1)
    const { videoUrl } = await api().videos.get({ id: ids[0] as never })
    const played = createHash('sha256')
    await pipeline((await fetch(videoUrl)).body as never, played)
    expect(played.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'))
  } finally {
    await browser.close()
    await rm(folder, { recursive: true })
  }
})
