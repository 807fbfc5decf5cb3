import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { Upload as TusUpload } from 'tus-js-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clipFile, newMember } from '../support/community.ts'
import { send } from '../support/http.ts'
import { openBrowser } from '../support/site.ts'
import { apiUrl, root } from '../support/stack.ts'
import { padded, publishedBy, storedFiles } from '../support/uploads.ts'

test('a file that tus-js-client sends in pieces is published by its id, and leaves when it is deleted', async () => {
  const member = await newMember()
  const clip = await readFile(await clipFile())
  const token = member.tokens.accessToken
  const path = await new Promise<string>((resolve, reject) => {
    const upload = new TusUpload(clip, {
      endpoint: `${apiUrl}/v1/uploads`,
      headers: { authorization: `Bearer ${token}` },
      chunkSize: Math.ceil(clip.length / 3),
      onError: reject,
      onSuccess: () => resolve(new URL(upload.url ?? '').pathname),
    })
    upload.start()
  })
  const uploadId = path.split('/').at(-1) ?? ''
  const { status, json } = await send('POST', '/v1/videos', { token, json: { uploadId, title: 'resumed' } })
  expect(status).toBe(201)
  const { id, videoUrl } = json as { id: number; videoUrl: string }
  expect(await publishedBy(member)).toEqual([id])
  expect(Buffer.from(await (await fetch(videoUrl)).arrayBuffer()).equals(clip)).toBe(true)
  expect((await send('DELETE', `/v1/videos/${id}`, { token })).status).toBeLessThan(300)
  expect((await storedFiles()).filter((file) => file.includes(uploadId))).toEqual([])
})

describe('in a browser', () => {
  const MIB = 1024 ** 2
  let browser: Browser
  let page: Page
  beforeAll(async () => {
    browser = await openBrowser()
    page = await browser.newPage()
  })
  afterAll(() => browser?.close())

  test('an upload goes on after its page was loaded anew', async () => {
    const member = await newMember('browser')
    const file = padded(await readFile(await clipFile()), 3 * MIB)
    await page.route(`${apiUrl}/page`, (route) =>
      route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>upload</title>' }),
    )
    await page.route(`${apiUrl}/page/file`, (route) => route.fulfill({ body: file }))
    /** Chooses the file, as people do after a reload; after `stopAt` bytes the line is dead. */
    const choose = async (stopAt: number) => {
      await page.goto(`${apiUrl}/page`)
      await page.addScriptTag({ path: join(root, 'node_modules/tus-js-client/dist/tus.min.js') })
      await page.evaluate(`(async () => {
        const blob = await (await fetch('/page/file')).blob()
        const chosen = new File([blob], 'clip.mp4', { type: 'video/mp4', lastModified: 1 })
        window.accepted = 0
        const upload = new tus.Upload(chosen, {
          endpoint: '/v1/uploads',
          headers: { authorization: 'Bearer ${member.tokens.accessToken}' },
          chunkSize: 256 * 1024,
          onProgress: (sent) => { window.begunAt ??= sent },
          onChunkComplete: (_size, accepted) => { window.accepted = accepted },
          onBeforeRequest: () => (accepted >= ${stopAt} ? new Promise(() => {}) : undefined),
          onSuccess: () => { window.url = upload.url },
          onError: (error) => { window.failure = String(error) },
        })
        const [earlier] = await upload.findPreviousUploads()
        if (earlier) upload.resumeFromPreviousUpload(earlier)
        upload.start()
      })()`)
    }
    await choose(MIB)
    await expect.poll(() => page.evaluate('accepted')).toBe(MIB)
    await choose(Number.POSITIVE_INFINITY)
    await expect.poll(() => page.evaluate('window.failure ?? window.url')).toMatch(/\/v1\/uploads\/[0-9a-f]{32}$/)
    expect(await page.evaluate('begunAt')).toBeGreaterThanOrEqual(MIB)
    const uploadId =
      String(await page.evaluate('url'))
        .split('/')
        .at(-1) ?? ''
    const token = member.tokens.accessToken
    const { status, json } = await send('POST', '/v1/videos', { token, json: { uploadId, title: 'reloaded' } })
    expect(status).toBe(201)
    const { id, videoUrl } = json as { id: number; videoUrl: string }
    expect(Buffer.from(await (await fetch(videoUrl)).arrayBuffer()).equals(file)).toBe(true)
    expect((await send('DELETE', `/v1/videos/${id}`, { token })).status).toBeLessThan(300)
  })
})
