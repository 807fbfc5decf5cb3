import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestGateway } from '../testing/test-gateway.ts'

const code = 'console.log("the site")'
const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
let folder: string
let gateway: Awaited<ReturnType<typeof startTestGateway>>
let bare: Awaited<ReturnType<typeof startTestGateway>>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fanone-site-'))
  await mkdir(join(folder, 'assets'))
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>FanOne</title>')
  await writeFile(join(folder, 'pages.json'), '["/","/watch/$id"]')
  await writeFile(join(folder, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
  await writeFile(join(folder, 'assets/index-1.js'), code)
  await writeFile(join(folder, 'assets/index-1.js.br'), brotliCompressSync(code))
  gateway = await startTestGateway({}, { SITE_FOLDER: folder })
  bare = await startTestGateway({}, { SITE_FOLDER: join(folder, 'not-built') })
})
afterAll(async () => {
  await Promise.all([gateway.stop(), bare.stop()])
  await rm(folder, { recursive: true, force: true })
})

const get = (path: string, headers: Record<string, string> = {}) => fetch(gateway.url + path, { headers })
const summary = ({ status, headers }: Response) => [status, headers.get('content-type')?.split(';')[0]]

describe('a browser', () => {
  it.each([
    ['/', 200],
    ['/watch/7', 200],
    ['/watch/7/', 200],
    ['/watch/7/more', 404],
    ['/nobody/has/this', 404],
  ])('gets the document at %s, with %i', async (path, status) => {
    const answer = await get(path, browser)
    expect(summary(answer)).toEqual([status, 'text/html'])
    expect(await answer.text()).toContain('<title>FanOne</title>')
    expect(answer.headers.get('cache-control')).toBe('no-cache')
    expect(answer.headers.get('content-security-policy')).toMatch(/script-src 'self';style-src 'self';/)
  })

  it.each(['/v1/nobody', '/douyin/nobody', '/media/nobody', '/docs/nobody', '/user/info', '/video/feed/'])(
    'gets what the API says at %s',
    async (path) => {
      expect((await get(path, browser)).headers.get('content-type')).not.toContain('text/html')
    },
  )

  it('gets assets for good, compressed where it can read that, other files for minutes', async () => {
    for (const [encoding, expected] of [
      ['br', 'br'],
      ['identity', null],
    ] as const) {
      const asset = await get('/assets/index-1.js', { 'accept-encoding': encoding })
      expect(asset.headers.get('content-encoding')).toBe(expected)
      expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
      expect(await asset.text()).toBe(code)
    }
    expect((await get('/favicon.svg')).headers.get('cache-control')).toBe('public, max-age=300')
  })
})

describe('who is no browser', () => {
  it.each(['/', '/watch/7', '/assets/index-2.js', '/assets/..%2f..%2fpackage.json', '/index.html/x'])(
    'gets a problem at %s',
    async (path) => {
      expect(summary(await get(path))).toEqual([404, 'application/problem+json'])
    },
  )

  it('posts to no page', async () => {
    const answer = await fetch(`${gateway.url}/watch/7`, { method: 'POST', headers: browser })
    expect(summary(answer)).toEqual([404, 'application/problem+json'])
  })
})

describe('a gateway without a site', () => {
  it('answers browsers as the API does', async () => {
    const answer = await fetch(`${bare.url}/`, { headers: browser })
    expect(summary(answer)).toEqual([404, 'application/problem+json'])
  })
})
