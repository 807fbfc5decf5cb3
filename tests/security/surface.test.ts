import { readdir, readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { clipFile, newMember } from '../support/community.ts'
import { type Answer, expectProblem, innerWorkings, send, sendAsIs } from '../support/http.ts'
import { publicRoutes } from '../support/public-routes.ts'
import { services } from '../support/services.ts'
import { home } from '../support/stack.ts'
import { fileOf, storedFiles, upload } from '../support/uploads.ts'

test.each([
  '/',
  '/nothing',
  '/v1',
  '/v1/nothing',
  '/v1/feeds/newest/',
  '/v2/feeds/newest',
  '/user',
  '/healthz',
  '/metrics',
  '/internal/videos.getMany',
  '/internal/keys.list',
  '/events/video.published',
  '/dapr/subscribe',
  '/dapr/config',
  '/v1.0/invoke/user/method/internal/keys.list',
  '/v1.0/metadata',
  '/.env',
  '/.git/config',
  '/.git/HEAD',
  '/package.json',
  '/dapr.yaml',
  '/secrets/secrets.json',
  '/src/main.ts',
  '/docs/swagger-ui-bundle.js.map',
  '/docs/swagger-ui.css.map',
  '/openapi.yaml',
  '/graphql',
  '/debug/pprof/',
  '/server-status',
  '/actuator/env',
  '/zipkin/',
  '/.well-known/security.json',
])('%s is not on the public port', async (path) => {
  for (const method of ['GET', 'POST', 'DELETE']) expectProblem(await send(method, path), 404, 'not_found')
})

test('a path of Douyin that there is not answers in its envelope', async () => {
  for (const method of ['GET', 'POST', 'DELETE'])
    expect(await send(method, '/douyin/nothing/')).toMatchObject({ status: 200, json: { status_code: -1 } })
})

test.each(services)('the app port of $appId answers operations to its sidecar only', async ({ ports }) => {
  const url = `http://127.0.0.1:${ports.app}/internal/timelines.newest`
  const answer: Answer = await send('POST', url, { json: { limit: 1 }, headers: { 'fanone-user-id': '1' } })
  expect(answer.status).toBeOneOf([401, 403])
  expect(answer.text).not.toContain('items')
})

test.each([
  '/media/',
  '/media/..',
  '/media/../secrets/secrets.json',
  '/media/../../secrets/secrets.json',
  '/media/%2e%2e/%2e%2e/secrets/secrets.json',
  '/media/..%2f..%2fsecrets%2fsecrets.json',
  '/media/..%5c..%5csecrets%5csecrets.json',
  '/media/%252e%252e/secrets/secrets.json',
  '/media//etc/passwd',
  `/media/${home}/secrets/secrets.json`,
  '/media/../uploads',
  '/media/.incoming',
  '/media/x%00.mp4',
  '/media/%e2%80%a5/%e2%80%a5/secrets/secrets.json',
  '/media/%ef%bc%8e%ef%bc%8e/secrets/secrets.json',
  '/media/%c0%ae%c0%ae/secrets/secrets.json',
  '/media/....//....//secrets/secrets.json',
  '/media/\\..\\..\\secrets',
  '/media/x/../../uploads/x',
  '/media/uploads/x',
  '/media/con',
  '/media/x.mp4;/../../secrets',
  '/docs/../package.json',
  '/docs/package.json',
])('%s leads to no file', async (path) => {
  const { status, text } = await sendAsIs('GET', path)
  expect(status).toBeOneOf([400, 404])
  expect(text).not.toMatch(/root:|token-signing-key|"version"/)
})

test.each([
  '../../../../tmp/fanone-hostile.mp4',
  '..\\..\\fanone-hostile.mp4',
  '/tmp/fanone-hostile.mp4',
  'a\0b.mp4',
  '%2e%2e%2f%2e%2e%2ffanone-hostile.mp4',
  '．．／fanone-hostile.mp4',
  '.htaccess',
  'CON',
  '\u202egpj.mp4',
  '🎬👩‍👩‍👧.mp4',
  `${'x'.repeat(4_000)}.mp4`,
  '"; filename="x.svg',
  '',
])('a file named %j is kept under a name of ours, or refused', async (name) => {
  const member = await newMember()
  const before = new Set(await storedFiles())
  const answer = await upload(member, [
    ['title', '🎬 ../../x'],
    ['file', fileOf(await readFile(await clipFile()), name)],
  ])
  expect(answer.status).toBeOneOf([201, 400])
  expect(answer.text).not.toMatch(innerWorkings)
  const made = (await storedFiles()).filter((file) => !before.has(file))
  for (const file of made)
    expect(file).toMatch(
      /^(media\/([0-9a-f]{32}\/[a-z0-9-]+\.(mp4|jpg)|(users\/\d+|[0-9a-f]{32}\/covers)\/[0-9a-f]{32}\/\d+\.webp)|(uploads|\.incoming)\/[0-9a-f.-]+)$/,
    )
  if (answer.status === 201) expect(answer.json).toMatchObject({ title: '🎬 ../../x' })
  for (const folder of ['/tmp', home]) expect((await readdir(folder)).join()).not.toContain('fanone-hostile')
})

test.each(['PATCH /v1/users/me name', 'PATCH /v1/users/me signature'])(
  '%s keeps every character as it is',
  async (text) => {
    const [, , field = ''] = text.split(' ')
    const member = await newMember()
    const token = member.tokens.accessToken
    for (const value of ['🎬', '𝕬𝖇', '../x', 'ع\u200eab', 'e\u0301', '\u200dx', 'İıſ', '𠜎𠜱', 'null', '＜b＞']) {
      expect((await send('PATCH', '/v1/users/me', { token, json: { [field]: value } })).status).toBe(200)
      expect((await send('GET', `/v1/users/${member.user.id}`)).json).toMatchObject({ [field]: value })
    }
    // In a name a change of direction would reach what stands beside it.
    const turned = field === 'name' ? ['ع\u202eab'] : []
    for (const value of ['a\0b', '\ud83d', 'x\udc00', '\u0007', ...turned])
      expectProblem(await send('PATCH', '/v1/users/me', { token, json: { [field]: value } }), 400, 'invalid_input')
  },
)

test.each(publicRoutes)('$method $path answers methods it does not have without a look inside', async ({ path }) => {
  for (const method of ['TRACE', 'PROPFIND', 'PURGE', 'LOCK', 'REPORT']) {
    const { status, text, headers } = await sendAsIs(method, path.replace(/\{\w+\}/, '1'), { cookie: 'secret=1' })
    // Douyin answers 200 to everything.
    expect(status).toBeOneOf(path.startsWith('/douyin/') ? [200, 400] : [400, 405])
    expect(text).not.toMatch(innerWorkings)
    expect(text).not.toContain('secret=1')
    expect(headers.get('x-powered-by')).toBeNull()
  }
})
