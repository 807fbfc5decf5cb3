import { execFileSync } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { randomName } from '../support/community.ts'
import { type Answer, send } from '../support/http.ts'
import { home, root, secrets } from '../support/stack.ts'
import { newTrace, readTrace, type Span, senderOf } from '../support/traces.ts'

/** All secrets in the requests of a test: any of them outside of its answer is a leak. */
interface Spoken {
  secrets: string[]
  answers: Answer[]
}

/** Says a password and tokens in every place where clients say them, rightly and wrongly. */
async function speakSecrets(traceparent: string): Promise<Spoken> {
  const [username, password] = [randomName('canary'), `canary-${crypto.randomUUID()}`]
  const wrong = `wrong-${crypto.randomUUID()}`
  const headers = { traceparent }
  const form = { traceparent, 'content-type': 'application/x-www-form-urlencoded' }
  const registered = await send('POST', '/v1/users', { headers, json: { username, password } })
  const { tokens } = registered.json as { tokens: { accessToken: string; refreshToken: string } }
  const query = new URLSearchParams({ username, password: wrong })
  const broken = { authorization: `Bearer ${wrong}.${wrong}.${wrong}`, traceparent }
  const answers = [
    await send('POST', '/v1/users', { headers, json: { username, password: wrong } }),
    await send('POST', '/v1/sessions', { headers, json: { username, password: wrong } }),
    await send('POST', '/v1/sessions', { headers, json: { username: { password }, password: [wrong] } }),
    await send('POST', '/v1/sessions', {
      headers: { ...headers, 'content-type': 'application/json' },
      body: `{"password":"${wrong}`,
    }),
    await send('POST', `/douyin/user/login/?${query}`, { headers }),
    await send('POST', '/user/login', { headers: form, body: query.toString() }),
    await send('GET', `/douyin/user/?token=${wrong}`, { headers }),
    await send('GET', '/user/info', { headers: { 'access-token': wrong, 'refresh-token': wrong, traceparent } }),
    await send('GET', '/v1/users/me', { headers: broken }),
    await send('GET', `/v1/users/me?access_token=${tokens.accessToken}`, { headers }),
    await send('POST', '/v1/sessions/refresh', { headers, json: { refreshToken: wrong } }),
    await send('GET', `/v1/nothing?token=${wrong}`, { headers }),
  ]
  const signature = String(tokens.accessToken.split('.').at(-1))
  return { secrets: [password, wrong, signature, tokens.refreshToken], answers }
}

const hiddenIn = (text: string, hidden: Record<string, string>) =>
  Object.entries(hidden).flatMap(([name, value]) => (text.includes(value) ? [name] : []))

test('passwords and tokens that clients say are in no error, no log and no trace, and neither is where they come from', async () => {
  const { traceId, traceparent } = newTrace()
  const spoken = await speakSecrets(traceparent)
  const hidden = Object.fromEntries(spoken.secrets.map((secret, index) => [`secret ${index}`, secret]))
  for (const { text } of spoken.answers) expect(hiddenIn(text, hidden)).toEqual([])

  const isLast = (span: Span) => senderOf(span) === 'gateway' && span.tags?.['url.path'] === '/v1/nothing'
  const spans = await readTrace(traceId, (all) => all.some(isLast))
  expect(spans.some(isLast)).toBe(true)
  expect(hiddenIn(JSON.stringify(spans), hidden)).toEqual([])
  const ofServices = spans.filter((span) => !senderOf(span).endsWith('.sidecar') && span.kind === 'SERVER')
  for (const { tags } of ofServices) {
    for (const name of ['client.address', 'network.peer.address'])
      expect(tags?.[name] ?? '[redacted]').toBe('[redacted]')
  }

  for (const [name, text] of await logs()) expect({ name, leaks: hiddenIn(text, hidden) }).toEqual({ name, leaks: [] })
})

test('the secrets of the installation are in no log and in no file of the repository', async () => {
  const installed = await secrets()
  for (const [name, text] of await logs())
    expect({ name, leaks: hiddenIn(text, installed) }).toEqual({ name, leaks: [] })
  const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0').filter(Boolean)
  const key = /-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b|"d":"[\w-]{43}"/
  for (const name of tracked) {
    const text = await readFile(join(root, name), 'utf8').catch(() => '')
    expect({ name, leaks: hiddenIn(text, installed), isKey: key.test(text) }).toEqual({ name, leaks: [], isKey: false })
  }
})

test('services write their logs in lines of JSON', async () => {
  for (const [name, text] of await logs()) {
    if (!/^(gateway|user|video|feed)\.log$/.test(name)) continue
    // The last one may be written just now.
    const lines = text
      .slice(0, text.lastIndexOf('\n'))
      .split('\n')
      .filter((line) => line !== '')
    const others = lines.filter((line) => !line.startsWith('{"level":"'))
    expect({ name, others }).toEqual({ name, others: [] })
  }
})

async function logs(): Promise<[name: string, text: string][]> {
  const folder = join(home, 'logs')
  const names = await readdir(folder)
  return Promise.all(
    names.map(async (name): Promise<[string, string]> => [name, await readFile(join(folder, name), 'utf8')]),
  )
}
