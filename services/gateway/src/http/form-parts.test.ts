import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sampleVideo } from '../testing/sample-video.ts'
import { startTestGateway } from '../testing/test-gateway.ts'
import { signToken } from '../testing/test-tokens.ts'

interface Part {
  /** What stands behind `form-data` in the part's header. */
  disposition: string
  type?: string
  body?: Buffer | string
}

let gateway: Awaited<ReturnType<typeof startTestGateway>>
let token: string
/** The last text that reached a service. */
let received: string | undefined
beforeAll(async () => {
  const publish = async (input: { title: string }) => {
    received = input.title
    return sampleVideo
  }
  const create = async ({ text }: { text: string }) => {
    received = text
    return { id: 2, kind: 'video', contentId: 1, parentId: null, userId: 42, text, createdAt: sampleVideo.createdAt }
  }
  const profile = { username: 'anna', name: 'Anna', avatarKey: null, backgroundKey: null, signature: '' }
  const getMany = async ({ ids }: { ids: number[] }) => ({ items: ids.map((id) => ({ id, ...profile })) })
  const services = {
    video: { videos: { publish } },
    interaction: { comments: { create } },
    user: { profiles: { getMany } },
  }
  gateway = await startTestGateway(services as never)
  token = await signToken(gateway.key)
})
afterAll(() => gateway.stop())

interface Answer {
  code: unknown
  message: string
}

async function post(path: string, body: Buffer | string, type: string): Promise<Answer> {
  received = undefined
  const query = path.startsWith('/douyin') ? `${path.includes('?') ? '&' : '?'}token=${token}` : ''
  const headers = { authorization: `Bearer ${token}`, 'content-type': type }
  const response = await fetch(gateway.url + path + query, { method: 'POST', headers, body: body as never })
  const json = (await response.json()) as Record<string, unknown> & { base?: { code: number; msg: string } }
  if (path.startsWith('/v1')) return { code: json.code ?? 0, message: String(json.detail) }
  if (json.base) return { code: json.base.code === 10000 ? 0 : json.base.code, message: json.base.msg }
  return { code: json.status_code, message: String(json.status_msg) }
}

function postParts(path: string, parts: Part[]): Promise<Answer> {
  const chunks = parts.flatMap(({ disposition, type, body = '' }) => [
    Buffer.from(
      `--x\r\nContent-Disposition: form-data${disposition}\r\n${type ? `Content-Type: ${type}\r\n` : ''}\r\n`,
    ),
    Buffer.from(body),
    Buffer.from('\r\n'),
  ])
  return post(path, Buffer.concat([...chunks, Buffer.from('--x--\r\n')]), 'multipart/form-data; boundary=x')
}

const plain = (name: string, body: string): Part => ({ disposition: `; name="${name}"`, body })
const file = (disposition: string): Part => ({ disposition, type: 'video/mp4', body: Buffer.alloc(1_000, 0xff) })

/**
 * Every way a text of a form comes in: the field that holds it, and what the form needs beside it.
 */
const places = [
  { path: '/v1/videos', field: 'title', others: [file('; name="file"; filename="a.mp4"')], beforeFile: true },
  { path: '/v1/videos', field: 'title', others: [file('; name="file"; filename="a.mp4"')], beforeFile: false },
  {
    path: '/video/publish',
    field: 'title',
    others: [plain('description', ''), file('; name="data"; filename="a.mp4"')],
    beforeFile: true,
  },
  {
    path: '/douyin/publish/action/',
    field: 'title',
    others: [file('; name="data"; filename="a.mp4"')],
    beforeFile: true,
  },
  { path: '/comment/publish', field: 'content', others: [plain('video_id', '1')], beforeFile: true },
  {
    path: '/douyin/comment/action/',
    field: 'comment_text',
    others: [plain('video_id', '1'), plain('action_type', '1')],
    beforeFile: true,
  },
].map((place) => ({ ...place, name: `${place.path} ${place.beforeFile ? 'first' : 'last'}` }))

function sendText(place: (typeof places)[number], body: Buffer, type?: string): Promise<Answer> {
  const part: Part = { disposition: `; name="${place.field}"`, body, ...(type === undefined ? {} : { type }) }
  return postParts(place.path, place.beforeFile ? [part, ...place.others] : [...place.others, part])
}

describe.each(places)('$name: a field', (place) => {
  it.each([
    ['gbk', 'd6d0cec4', '中文'],
    ['gb18030', 'd6d09439fc36', '中😀'],
    ['GB2312', 'd6d0cec4', '中文'],
    ['big5', 'a4a4a4e5', '中文'],
    ['shift_jis', '93fa967b', '日本'],
    ['euc-kr', 'c7d1b1b9', '한국'],
    ['iso-8859-15', 'a4', '€'],
    ['windows-1252', '80', '€'],
    ['iso-8859-1', 'e9', 'é'],
    ['us-ascii', '61', 'a'],
    ['windows-1251', 'cff0e8e2e5f2', 'Привет'],
    ['utf-16le', '2d4e8765', '中文'],
    ['UTF-8', 'e4b8ade69687', '中文'],
    ['"utf-8"', 'e4b8ade69687', '中文'],
  ])('in %s is read', async (charset, bytes, text) => {
    const answer = await sendText(place, Buffer.from(bytes, 'hex'), `text/plain; charset=${charset}`)
    expect(answer).toMatchObject({ code: 0 })
    expect(received).toBe(text)
  })

  it.each([
    ['text/plain; charset=klingon', '61', 'klingon'],
    ['text/plain; charset=base64', '61', 'base64'],
    ['text/plain; charset=gbk', 'd6', 'gbk'],
    [undefined, 'd6d0cec4', 'UTF-8'],
    ['text/plain', 'ff', 'UTF-8'],
    ['text/plain; charset=utf-8', 'c3', 'utf-8'],
  ])('of type %s with the bytes %s is refused by name', async (type, bytes, reason) => {
    const { code, message } = await sendText(place, Buffer.from(bytes, 'hex'), type)
    expect(code).toBe(place.path.startsWith('/v1') ? 'invalid_input' : 10002)
    expect(message).toContain(place.field)
    expect(message).toContain(reason)
    expect(received).toBeUndefined()
  })

  it('what was refused leaves no file', async () => {
    const storedBefore = (await gateway.storedFiles()).length
    await sendText(place, Buffer.from('ff', 'hex'))
    await expect.poll(async () => (await gateway.storedFiles()).length).toBe(storedBefore)
  })
})

const uploads = [
  { path: '/v1/videos', wanted: 'file' },
  { path: '/video/publish', wanted: 'data' },
  { path: '/douyin/publish/action/', wanted: 'data' },
]

describe.each(uploads)('$path: the name of a file', ({ path, wanted }) => {
  it.each([
    "filename*=gbk''%d6%d0.mp4",
    'filename*=big5\'\'%a4%a4.mp4; filename="a.mp4"',
    "filename*=UTF-8''%e4%b8%ad.mp4",
    'filename*=klingon\'\'%d6.mp4; filename="a.mp4"',
    'filename="a.mp4"; filename*=gbk\'\'%d6',
    "filename*=utf-8''%ff%fe",
    'filename*=UTF-8\'\'broken%4; filename="a.mp4"',
    'filename*=broken; filename="a.mp4"',
    'filename*=broken',
    'filename="a;filename*=x.mp4"',
  ])('%s does not matter', async (name) => {
    const parts = [plain('title', 'named'), plain('description', ''), file(`; name="${wanted}"; ${name}`)]
    expect(await postParts(path, parts)).toMatchObject({ code: 0 })
    expect(received).toBe('named')
  })
})

describe.each(uploads)('$path: a form', ({ path, wanted }) => {
  const texts = [plain('title', 't'), plain('description', '')]
  it.each([
    ['with a file in another field', [...texts, file('; name="picture"; filename="a.mp4"')], /picture/],
    [
      'with two files',
      [...texts, file(`; name="${wanted}"; filename="a.mp4"`), file(`; name="${wanted}"; filename="b.mp4"`)],
      /one file/,
    ],
    [
      'with a second file in another field',
      [...texts, file(`; name="${wanted}"; filename="a.mp4"`), file('; name="other"; filename="b.mp4"')],
      /one file|other/,
    ],
    ['with a file without a name', [...texts, file('; filename="a.mp4"')], /no name/],
    ['with a field without a name', [...texts, { disposition: '', body: 'x' }], /no name/],
    ['with an empty name', [...texts, file('; name=""; filename="a.mp4"')], /no name/],
    ['without a file', texts, /missing/],
  ] as [string, Part[], RegExp][])('%s is told which field is wanted', async (_what, parts, reason) => {
    const { code, message } = await postParts(path, parts)
    expect(code).toBe(path.startsWith('/v1') ? 'invalid_input' : 10002)
    expect(message).toContain(`"${wanted}"`)
    expect(message).toMatch(reason)
    expect(received).toBeUndefined()
  })
})

describe('a form without files', () => {
  it.each([
    ['a file', file('; name="content"; filename="a.txt"'), /content.*no file/],
    ['a part without a name', { disposition: '', body: 'x' }, /no name/],
    ['a name that is too long', plain('x'.repeat(200), ''), /name.*too long/],
    ['a value that is too long', plain('content', 'x'.repeat(20_000)), /content.*too long/],
  ] as [string, Part, RegExp][])('is told what is wrong with %s', async (_what, part, reason) => {
    for (const path of ['/comment/publish', '/douyin/comment/action/']) {
      const { code, message } = await postParts(path, [part])
      expect(code).toBe(10002)
      expect(message).toMatch(reason)
    }
  })

  it.each(['content=%ff', 'content=a%d6%d0', 'content=%ed%a0%80', Buffer.from([0x63, 0x3d, 0xff])])(
    'is refused where %s is no UTF-8, in form and query',
    async (body) => {
      const form = await post('/comment/publish', body, 'application/x-www-form-urlencoded')
      expect(form).toMatchObject({ code: 10002, message: expect.stringContaining('UTF-8') })
      if (typeof body !== 'string') return
      const query = await post(`/douyin/comment/action/?${body}`, '', 'application/x-www-form-urlencoded')
      expect(query).toMatchObject({ code: 10002, message: expect.stringContaining('UTF-8') })
    },
  )

  it('keeps a replacement character that was sent', async () => {
    const body = 'video_id=1&content=%EF%BF%BD+100%25'
    expect(await post('/comment/publish', body, 'application/x-www-form-urlencoded')).toMatchObject({ code: 0 })
    expect(received).toBe('\ufffd 100%')
  })
})

it('JSON that is no UTF-8 is refused', async () => {
  const body = Buffer.concat([Buffer.from('{"text":"'), Buffer.from([0xff]), Buffer.from('"}')])
  const { code, message } = await post('/v1/videos/1/comments', body, 'application/json')
  expect({ code, message }).toEqual({ code: 'invalid_input', message: expect.stringContaining('UTF-8') })
  expect(received).toBeUndefined()
})
