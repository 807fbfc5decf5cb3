import { readFile, writeFile } from 'node:fs/promises'
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Member, newMember } from '../support/community.ts'
import { documentedStatuses, faultOf, inParallel } from '../support/hostile/judge.ts'
import { type Draft, type Role, sendDraft } from '../support/hostile/wire.ts'
import { innerWorkings } from '../support/http.ts'
import { publicRoutes } from '../support/public-routes.ts'
import { exchangeRaw, openRaw } from '../support/raw.ts'
import { eventually, part } from '../support/stack.ts'

const MEBIBYTE = 1024 * 1024

let role: Role
let documented: Map<string, Set<number>>
beforeAll(async () => {
  const member: Member = await newMember('bomber')
  role = { name: 'somebody', member }
  documented = await documentedStatuses()
})

const zeros = Buffer.alloc(32 * MEBIBYTE)
const blank = Buffer.concat([Buffer.from('{"name":"'), Buffer.alloc(8 * MEBIBYTE, 0x20), Buffer.from('"}')])
const nested = (open: string, close: string) => `{"name":${open.repeat(10_000)}1${close.repeat(10_000)}}`
const keys = (count: number) => `{${Array.from({ length: count }, (_, index) => `"k${index}":1`).join(',')}}`

/** Small to send, large or slow to understand. */
const bombs: [what: string, headers: Record<string, string>, body: string | Buffer][] = [
  ['gzip of 32 MiB', { 'content-encoding': 'gzip' }, gzipSync(zeros)],
  ['gzip of a long JSON text', { 'content-encoding': 'gzip' }, gzipSync(blank)],
  ['gzip in gzip', { 'content-encoding': 'gzip, gzip' }, gzipSync(gzipSync(zeros))],
  ['deflate of 32 MiB', { 'content-encoding': 'deflate' }, deflateSync(zeros)],
  ['brotli of 32 MiB', { 'content-encoding': 'br' }, brotliCompressSync(zeros)],
  ['zstd of 32 MiB', { 'content-encoding': 'zstd' }, zstdCompressSync(zeros)],
  ['gzip that is none', { 'content-encoding': 'gzip' }, '{"name":"x"}'],
  ['gzip cut in the middle', { 'content-encoding': 'gzip' }, gzipSync(blank).subarray(0, 500)],
  ['an unknown encoding', { 'content-encoding': 'x-bomb' }, '{"name":"x"}'],
  ['10,000 nested arrays', {}, nested('[', ']')],
  ['10,000 nested objects', {}, nested('{"a":', '}').slice(0, 60_000)],
  ['100,000 keys', {}, keys(100_000)],
  ['5,000 keys', {}, keys(5_000)],
  ['a long array', {}, `{"name":[${'1,'.repeat(30_000)}1]}`],
  ['a long number', {}, `{"name":${'9'.repeat(60_000)}}`],
  ['a text of 1 MiB', {}, `{"name":"${'x'.repeat(MEBIBYTE)}"}`],
  ['60,000 escapes', {}, `{"name":"${'\\u0041'.repeat(10_000)}"}`],
  ['parameters without end', {}, 'a&'.repeat(30_000)],
  ['one key 5,000 times', {}, 'username=a&'.repeat(5_000)],
  ['percent signs', {}, `username=${'%41'.repeat(20_000)}`],
]

const types = {
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
  upload: 'multipart/form-data; boundary=x',
}
const withBody = publicRoutes.filter(({ transport }) => transport !== 'query')

/** Every bomb to every route that takes a body. */
const drafts = withBody.flatMap((route) =>
  bombs.map(([what, headers, body]): Draft => {
    const type = types[route.transport as keyof typeof types]
    return { what, route, parameters: [], body, headers: { 'content-type': type, ...headers } }
  }),
)

/**
 * A server that refuses before it has read everything may close while we still write: the answer is
 * lost, the refusal is not.
 */
const isCut = (error: unknown) => /ECONNRESET|EPIPE|socket hang up/.test(String(error))

async function explode(): Promise<{ faults: string[]; cut: number }> {
  const faults: string[] = []
  let cut = 0
  await inParallel(drafts, async (draft) => {
    try {
      const answer = await sendDraft(draft, role)
      const fault = faultOf(draft.route, role, answer, documented)
      if (fault) faults.push(`${fault}: ${draft.what} to ${draft.route.path} -> ${answer.text.slice(0, 200)}`)
    } catch (error) {
      if (isCut(error)) cut++
      else faults.push(`${error}: ${draft.what} to ${draft.route.path}`)
    }
  })
  return { faults, cut }
}

test('bodies that grow or nest are refused, and the gateway stays as small as it is', async () => {
  const { pid } = await part('gateway')
  // The first time fills caches and the heap as any traffic does.
  expect((await explode()).faults.join('\n')).toBe('')
  const before = (await memoryOf(pid)).now
  await writeFile(`/proc/${pid}/clear_refs`, '5') // forgets the peak
  const { faults, cut } = await explode()
  expect(faults.join('\n')).toBe('')
  expect(cut).toBeLessThan(drafts.length / 4)
  const { peak } = await memoryOf(pid)
  expect((await part('gateway')).pid).toBe(pid)
  expect((peak - before) / MEBIBYTE).toBeLessThanOrEqual(50)
})

async function memoryOf(pid: number | undefined): Promise<{ now: number; peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const bytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024
  return { now: bytes('VmRSS'), peak: bytes('VmHWM') }
}

describe('requests whose end is in doubt', () => {
  const head = (...lines: string[]) =>
    ['POST /v1/sessions HTTP/1.1', 'Host: x', 'Content-Type: application/json', ...lines, '', ''].join('\r\n')
  const smuggled = 'GET /v1/users/me HTTP/1.1\r\nHost: x\r\n\r\n'
  const cases: [string, string][] = [
    ['both lengths', `${head('Content-Length: 4', 'Transfer-Encoding: chunked')}0\r\n\r\n${smuggled}`],
    ['a body longer than it says', `${head('Content-Length: 2')}{}{"username":"x"}\r\n\r\n`],
    ['two lengths', `${head('Content-Length: 2', 'Content-Length: 40')}{}${smuggled}`],
    ['a list of lengths', `${head('Content-Length: 2, 40')}{}${smuggled}`],
    ['a negative length', `${head('Content-Length: -1')}{}${smuggled}`],
    ['a length with a sign', `${head('Content-Length: +2')}{}${smuggled}`],
    ['a length in hex', `${head('Content-Length: 0x2')}{}${smuggled}`],
    ['a huge length', `${head(`Content-Length: ${'9'.repeat(30)}`)}{}${smuggled}`],
    ['a blank before the colon', `${head('Transfer-Encoding : chunked')}0\r\n\r\n${smuggled}`],
    ['an unknown transfer encoding', `${head('Transfer-Encoding: xchunked')}0\r\n\r\n${smuggled}`],
    ['chunked, but not last', `${head('Transfer-Encoding: chunked, identity')}0\r\n\r\n${smuggled}`],
    [
      'chunked in two lines',
      `${head('Transfer-Encoding: x', 'Transfer-Encoding: chunked', 'Content-Length: 2')}0\r\n\r\n${smuggled}`,
    ],
    ['a chunk without a size', `${head('Transfer-Encoding: chunked')}x\r\n{}\r\n0\r\n\r\n${smuggled}`],
    ['a chunk of negative size', `${head('Transfer-Encoding: chunked')}-2\r\n{}\r\n0\r\n\r\n${smuggled}`],
    ['a chunk of huge size', `${head('Transfer-Encoding: chunked')}${'f'.repeat(20)}\r\n{}\r\n0\r\n\r\n`],
    ['a chunk longer than it says', `${head('Transfer-Encoding: chunked')}1\r\n{}\r\n0\r\n\r\n${smuggled}`],
    [
      'chunk extensions without end',
      `${head('Transfer-Encoding: chunked')}2;${'a'.repeat(100_000)}\r\n{}\r\n0\r\n\r\n`,
    ],
    ['line feeds alone', head('Content-Length: 2', smuggled).replaceAll('\r\n', '\n')],
    ['a line feed in a header', `${head('X-A: b\nTransfer-Encoding: chunked', 'Content-Length: 2')}{}`],
    ['a carriage return in a header', `${head('X-A: b\rTransfer-Encoding: chunked', 'Content-Length: 2')}{}`],
    ['NUL in a header', `${head('X-A: b\0c', 'Content-Length: 2')}{}`],
    ['a header that goes on', `${head('X-A: b', ' Transfer-Encoding: chunked', 'Content-Length: x')}{}`],
    ['no host', 'GET /v1/users/me HTTP/1.1\r\n\r\n'],
    ['another protocol', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a tunnel', 'CONNECT 127.0.0.1:3500 HTTP/1.1\r\nHost: 127.0.0.1:3500\r\n\r\n'],
    ['headers of 20 KiB', `GET /v1/users/me HTTP/1.1\r\nHost: x\r\nX-A: ${'x'.repeat(20_000)}\r\n\r\n`],
    ['a path of 20 KiB', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
  ]

  test.each(cases)('%s: one refusal at most, then the connection is closed', async (_what, bytes) => {
    const { statuses, text } = await exchangeRaw(bytes)
    expect(statuses.length).toBeLessThanOrEqual(1)
    for (const status of statuses) expect(status).toBeOneOf([400, 413, 431])
    expect(text).not.toMatch(innerWorkings)
  })

  test('a body that says how much too long it is, is refused before it is sent', async () => {
    for (const path of ['/v1/sessions', '/user/login', '/douyin/user/login/']) {
      const connection = await openRaw()
      connection.socket.write(head(`Content-Length: ${10 ** 9}`).replace('/v1/sessions', path))
      const refusal = path === '/v1/sessions' ? /^HTTP\/1.1 413/ : /"(status_)?code":12000/
      // The head of an answer may come before its body.
      await eventually(() => refusal.test(connection.received()), { what: `a refusal of ${path}` })
      connection.socket.destroy()
    }
  })

  test('chunks without end are refused when they are too many', async () => {
    const chunk = `1000\r\n${' '.repeat(0x1000)}\r\n`
    const { statuses } = await exchangeRaw(
      `${head('Transfer-Encoding: chunked', 'Connection: close')}${chunk.repeat(40)}`,
    )
    expect(statuses).toEqual([413])
  })

  test('a request line with another host, and an offer to change the protocol, get the answer of any request', async () => {
    const close = 'Connection: close\r\n\r\n'
    expect(
      (await exchangeRaw(`GET http://evil.example/v1/users/me HTTP/1.1\r\nHost: x\r\n${close}`)).statuses[0],
    ).toBeOneOf([400, 401, 404])
    const upgrade =
      'Connection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n'
    expect((await exchangeRaw(`GET /v1/users/me HTTP/1.1\r\nHost: x\r\n${upgrade}`)).statuses).toEqual([401])
  })
})
