import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestGateway } from '../testing/test-gateway.ts'

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta name="description" content="FanOne">
    <title>FanOne</title>
  </head>
  <body></body>
</html>
`
const video = {
  id: 7,
  authorId: 3,
  title: 'A walk',
  description: 'Along the river',
  videoKey: 'media/7/video.mp4',
  coverKey: 'media/7/cover.jpg',
  durationMs: 65_000,
  width: 1920,
  height: 1080,
  sizeBytes: 1,
  state: 'ready',
  progress: 100,
  reason: null,
  hlsKey: null,
  storyboardKey: null,
  version: 1,
  createdAt: '2026-11-21T13:07:40.000Z',
  updatedAt: '2026-11-21T13:07:40.000Z',
}

type Gateway = Awaited<ReturnType<typeof startTestGateway>>
let folder: string
let gateway: Gateway
/** What the video service answers. */
let answer: () => Promise<object[]>
let asked: number[][] = []
/** Another one for each test: videos are remembered for a second. */
let id = 100

const start = (config: Record<string, string> = {}) => {
  const getMany = async ({ ids }: { ids: number[] }) => {
    asked.push(ids)
    return { items: await answer() }
  }
  return startTestGateway({ video: { videos: { getMany } } } as never, { SITE_FOLDER: folder, ...config })
}
const shows = (changed: Partial<typeof video> = {}) => {
  answer = async () => [{ ...video, id, ...changed }]
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fanone-previews-'))
  await writeFile(join(folder, 'index.html'), page)
  await writeFile(join(folder, 'pages.json'), '["/","/watch/$id"]')
  gateway = await start({ PUBLIC_URL: 'https://fanone.example/' })
})
beforeEach(() => {
  id += 1
  asked = []
})
afterAll(async () => {
  await gateway.stop()
  await rm(folder, { recursive: true })
})

async function get(path = `/watch/${id}`, { url }: Pick<Gateway, 'url'> = gateway) {
  const answered = await fetch(url + path, { headers: { accept: 'text/html' } })
  return { status: answered.status, html: await answered.text(), headers: answered.headers }
}

const structured = (html: string) =>
  JSON.parse(/<script type="application\/ld\+json">(.*?)<\/script>/s.exec(html)?.[1] ?? 'null') as Record<
    string,
    unknown
  >

describe('the page of a video', () => {
  it('says what it shows, with addresses that hold everywhere', async () => {
    shows()
    const { status, html, headers } = await get()
    expect(status).toBe(200)
    expect(html).toContain('<title>A walk · FanOne</title>')
    expect(html).toContain('<meta name="description" content="Along the river">')
    expect(html).toContain(`<link rel="canonical" href="https://fanone.example/watch/${id}">`)
    expect(html).toContain('<meta property="og:image" content="https://fanone.example/media/media/7/cover.jpg">')
    expect(html.match(/<title>|name="description"/g)).toHaveLength(2)
    expect(structured(html)).toMatchObject({
      '@type': 'VideoObject',
      name: 'A walk',
      duration: 'PT65S',
      uploadDate: video.createdAt,
      contentUrl: 'https://fanone.example/media/media/7/video.mp4',
    })
    expect(headers.get('content-security-policy')).toContain("script-src 'self';")
  })

  it.each([
    '</title><script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onload='alert(1)",
    '</script><!--<script>',
    "$& $` $' $1 &lt;b&gt; \u2028 \\u003c",
  ])('shows a title as it is: %s', async (title) => {
    shows({ title, description: title })
    const { html } = await get()
    expect(structured(html)).toMatchObject({ name: title })
    const [head = ''] = html.split('<script type="application/ld+json">')
    expect(head).not.toMatch(/<(script|img|b)\b/)
    expect(html.match(/<script/g)).toHaveLength(1)
    const written = [...head.matchAll(/<(?:title|meta|link)\b[^<>]*>/g)].map(([tag]) => tag)
    for (const tag of written) expect(tag).toMatch(/^<[a-z]+(?: [a-z:]+="[^"<>]*")*>$/)
  })

  it('has a description of one line and 200 characters', async () => {
    shows({ description: `a\n\nb ${'🌿'.repeat(300)}` })
    const { html } = await get()
    const { description } = structured(html)
    expect([...String(description)]).toHaveLength(200)
    expect(description).toMatch(/^a b 🌿+…$/u)
  })

  it('costs few calls however many open it at once', async () => {
    shows()
    const pages = await Promise.all(Array.from({ length: 20 }, () => get()))
    expect(pages.every(({ html }) => html.includes('A walk'))).toBe(true)
    expect(asked.length).toBeLessThan(10)
  })

  it('that nobody may see is not found, and says nothing', async () => {
    answer = async () => []
    expect(await get()).toMatchObject({ status: 404, html: page })
  })

  it('is there without a preview where videos do not answer', async () => {
    answer = () => Promise.reject(new Error('away'))
    expect(await get()).toMatchObject({ status: 200, html: page })
  })

  it('is there without a preview for who asks too often', async () => {
    shows()
    const strict = await start({ RATE_LIMIT_FACTOR: '0.0001' })
    try {
      await get(undefined, strict)
      expect(await get(undefined, strict)).toMatchObject({ status: 200, html: page })
    } finally {
      await strict.stop()
    }
  })

  it.each(['/', '/watch/0', '/watch/x', '/watch/99999999999999999999'])('%s asks nobody', async (path) => {
    shows()
    expect((await get(path)).html).toBe(page)
    expect(asked).toEqual([])
  })
})
