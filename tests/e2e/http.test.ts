import { randomBytes } from 'node:crypto'
import type { V1Video } from '@fanone/contracts/gateway'
import { Validator } from '@seriousme/openapi-schema-validator'
import { beforeAll, expect, test } from 'vitest'
import { type Member, newMember, publish } from '../support/community.ts'
import { expectProblem, send, sendAsIs } from '../support/http.ts'
import { publicRoutes } from '../support/public-routes.ts'
import { apiUrl, eventually } from '../support/stack.ts'

const withoutSlash = (path: string) => path.replace(/\/$/, '')
const asText = ({ method, path }: { method: string; path: string }) => `${method} ${withoutSlash(path)}`

let member: Member
let video: V1Video
beforeAll(async () => {
  member = await newMember()
  video = await publish(member)
  // Counted, so that its author's answers stay the same from now on.
  await eventually(async () => (await member.api.users.getMe()).counters.works === 1)
})

test('the API describes itself in valid OpenAPI 3.1, every route and nothing else', async () => {
  const { headers, json } = await send('GET', '/openapi.json')
  expect(headers.get('content-type')).toMatch(/^application\/json/)
  const { valid, errors } = await new Validator().validate(json as Record<string, unknown>)
  expect({ valid, errors }).toEqual({ valid: true, errors: undefined })
  const document = json as { openapi: string; paths: Record<string, Record<string, unknown>> }
  expect(document.openapi).toMatch(/^3\.1\./)
  const described = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => asText({ method: method.toUpperCase(), path })),
  )
  expect(described.sort()).toEqual(publicRoutes.map(asText).sort())
})

test.each(publicRoutes)('$method $path is there', async ({ method, path }) => {
  const answer = await send('OPTIONS', path.replace(/\{\w+\}/, '1'))
  expect(answer.status).toBe(204)
  expect(answer.headers.get('allow')?.split(', ')).toContain(method)
})

test('the page that shows the API loads everything from us', async () => {
  const page = await send('GET', '/docs')
  expect(page.headers.get('content-type')).toMatch(/^text\/html/)
  const named = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => new URL(String(url), apiUrl))
  expect(named.length).toBeGreaterThanOrEqual(3)
  for (const url of named) {
    expect(url.origin).toBe(apiUrl)
    const { status, text } = await send('GET', url.pathname)
    expect({ url: url.pathname, status, isEmpty: text === '' }).toEqual({
      url: url.pathname,
      status: 200,
      isEmpty: false,
    })
  }
  const policy = String(page.headers.get('content-security-policy'))
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("script-src 'self'")
  expect(policy).toContain("connect-src 'self'")
  expect(policy).not.toMatch(/https?:|unsafe-eval|\*/)
})

test('a request keeps the id it came with, if it is harmless; else it gets one', async () => {
  const given = `test.${randomBytes(8).toString('hex')}-_A`
  for (const path of ['/v1/feeds/newest', '/v1/users/4711', '/nothing', '/user/info', '/media/x']) {
    const { headers } = await send('GET', path, { headers: { 'x-request-id': given } })
    expect(headers.get('x-request-id')).toBe(given)
  }
  const made = (await send('GET', '/v1/users/4711')).headers.get('x-request-id')
  expect(made).toMatch(/^[0-9a-f-]{36}$/)
  for (const harmful of ['', 'a b', 'x'.repeat(65), '<script>', 'ü', '{"a":1}']) {
    const { headers } = await send('GET', '/v1/users/4711', { headers: { 'x-request-id': harmful } })
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
    expect(headers.get('x-request-id')).not.toBe(made)
  }
})

test('every answer tells browsers to be careful', async () => {
  const paths = ['/v1/feeds/newest', '/v1/users/4711', '/nothing', '/openapi.json', '/docs', '/video/feed/']
  for (const path of [...paths, new URL(video.videoUrl).pathname, '/media/x']) {
    const { headers } = await send('GET', path)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('strict-transport-security')).toMatch(/max-age=\d{7,}/)
    expect(headers.get('x-powered-by')).toBeNull()
    expect(headers.get('server')).toBeNull()
  }
  const media = await send('GET', new URL(video.coverUrl).pathname)
  expect(media.headers.get('content-security-policy')).toContain('sandbox')
})

test('pages of other origins may not call unless they are named', async () => {
  const headers = { origin: 'https://app.example', 'access-control-request-method': 'GET' }
  for (const method of ['GET', 'OPTIONS']) {
    const answer = await send(method, '/v1/feeds/newest', { headers })
    const allowed = [...answer.headers.keys()].filter((name) => name.startsWith('access-control-'))
    expect(allowed).toEqual([])
  }
})

test.each([
  ['DELETE', '/v1/feeds/newest', 'GET, HEAD, OPTIONS'],
  ['PUT', '/v1/users/me', 'GET, PATCH, HEAD, OPTIONS'],
  ['PUT', '/v1/sessions', 'GET, POST, HEAD, OPTIONS'],
  ['GET', '/user/login', 'POST, OPTIONS'],
])('%s %s is not allowed, and the answer tells what is', async (method, path, allowed) => {
  const answer = await send(method, path, { headers: { 'content-type': 'application/json' } })
  expectProblem(answer, 405, 'method_not_allowed')
  expect(answer.headers.get('allow')?.split(', ').sort()).toEqual(allowed.split(', ').sort())
})

test('a method that a path of Douyin does not have is refused in its envelope, with what is allowed', async () => {
  const answer = await send('POST', '/douyin/feed/')
  expect(answer).toMatchObject({ status: 200, json: { status_code: -1 } })
  expect(answer.headers.get('allow')).toBe('GET, HEAD, OPTIONS')
})

test('HEAD answers what GET would, without the body', async () => {
  for (const path of [`/v1/videos/${video.id}`, `/v1/users/${member.user.id}`, new URL(video.videoUrl).pathname]) {
    const [get, head] = [await sendAsIs('GET', path), await sendAsIs('HEAD', path)]
    expect(head).toMatchObject({ status: 200, text: '' })
    for (const name of ['content-type', 'content-length', 'etag', 'cache-control'])
      expect(head.headers.get(name)).toBe(get.headers.get(name))
  }
})

test('what cannot have changed is not sent again', async () => {
  const path = `/v1/users/${member.user.id}`
  const etag = String((await sendAsIs('GET', path)).headers.get('etag'))
  expect(await sendAsIs('GET', path, { 'if-none-match': etag })).toMatchObject({ status: 304, text: '' })
  await member.api.users.editMe({ name: 'somebody else' })
  expect((await sendAsIs('GET', path, { 'if-none-match': etag })).status).toBe(200)
})
