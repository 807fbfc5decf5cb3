import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { CodeDelivery } from '../../services/user/src/phone/code-delivery.ts'
import { type CodeMessage, fileSender, webhookSender } from '../../services/user/src/phone/code-sender.ts'
import { silentLog as log } from '../support/scratch-database.ts'
import { phoneParts } from './phone-parts.ts'

const clock = { nowMs: 0 }
let parts: Awaited<ReturnType<typeof phoneParts>>
let count = 0

beforeAll(async () => {
  parts = await phoneParts(clock)
})
afterAll(() => parts.close())
beforeEach(() => {
  clock.nowMs = Date.now()
})

const message: CodeMessage = {
  id: 7,
  number: '+8613800138000',
  code: '012345',
  purpose: 'sign_in',
  expiresAt: new Date(0),
}
const ask = () =>
  parts.one.phones.sendCode(undefined, { phone: `+861390013${8_000 + count++}`, purpose: 'sign_in' }, undefined)
const waiting = async () => ((await parts.query('select id from $code_message')) as unknown[]).length
const deliveryTo = (send: (message: CodeMessage) => Promise<void>, at = parts.one) =>
  new CodeDelivery({ database: at.database, sealer: at.sealer, send, log, now: () => new Date(clock.nowMs) })

describe('a code that waits to be sent', () => {
  test('is sent by one of several instances', async () => {
    await ask()
    const sent: CodeMessage[] = []
    const send = async (one: CodeMessage) => void sent.push(one)
    await Promise.all([parts.one, parts.two].map((at) => deliveryTo(send, at).deliver()))
    expect(sent).toHaveLength(1)
    expect(await waiting()).toBe(0)
  })

  test('is sent again where that failed, later and later, with the same id', async () => {
    await ask()
    const tried: number[] = []
    const delivery = deliveryTo(async ({ id }) => {
      tried.push(id)
      if (tried.length < 3) throw new Error('away')
    })
    await delivery.deliver()
    await delivery.deliver()
    expect(tried).toHaveLength(1)
    clock.nowMs += 1_000
    await delivery.deliver()
    clock.nowMs += 1_000
    await delivery.deliver()
    expect(tried).toHaveLength(2)
    clock.nowMs += 1_000
    await delivery.deliver()
    expect(new Set(tried).size).toBe(1)
    expect(tried).toHaveLength(3)
    expect(await waiting()).toBe(0)
  })

  test('is sent by another instance where the one that took it died', async () => {
    await ask()
    let hasBegun = () => {}
    const began = new Promise<void>((resolve) => {
      hasBegun = resolve
    })
    // Never ends, like a process that was killed.
    void deliveryTo(() => new Promise(() => hasBegun())).deliver()
    await began
    const sent: CodeMessage[] = []
    const survivor = deliveryTo(async (one) => void sent.push(one), parts.two)
    await survivor.deliver()
    expect(sent).toHaveLength(0)
    clock.nowMs += 15_000
    await survivor.deliver()
    expect(sent).toHaveLength(1)
  })

  test('is given up when it has expired', async () => {
    await ask()
    clock.nowMs += 5 * 60_000
    const sent: CodeMessage[] = []
    await deliveryTo(async (one) => void sent.push(one)).deliver()
    expect(sent).toEqual([])
    expect(await waiting()).toBe(0)
  })
})

test('the local outbox is a file of lines that nobody else may read', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fanone-codes-'))
  const file = join(folder, 'run/codes.jsonl')
  const send = fileSender(file)
  await send(message)
  await send({ ...message, code: '999999' })
  const lines = (await readFile(file, 'utf8')).trim().split('\n')
  expect(lines.map((line) => JSON.parse(line).code)).toEqual(['012345', '999999'])
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  await rm(folder, { recursive: true })
})

describe('the webhook', () => {
  const received: { request: IncomingMessage; body: string }[] = []
  let status = 204
  const server = createServer(async (request, response) => {
    received.push({ request, body: await text(request) })
    response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end()
  })
  let url: string
  beforeAll(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/codes`
  })
  afterAll(() => server.close())

  test('gets the message signed', async () => {
    await webhookSender({ url, key: 'shared' })(message)
    const [{ request, body } = { request: undefined, body: '' }] = received.splice(0)
    expect(JSON.parse(body)).toEqual({ ...message, id: '7', expiresAt: message.expiresAt.toISOString() })
    const [, seconds, signature] =
      /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(request?.headers['fanone-signature'])) ?? []
    expect(signature).toBe(createHmac('sha256', 'shared').update(`${seconds}.${body}`).digest('hex'))
    expect(Math.abs(Date.now() / 1_000 - Number(seconds))).toBeLessThan(60)
  })

  test.each([500, 404, 302])('is tried again behind %i', async (answered) => {
    status = answered
    await expect(webhookSender({ url, key: 'shared' })(message)).rejects.toThrow()
    expect(received.splice(0)).toHaveLength(1)
    status = 204
  })

  test('is tried again when it is not there', async () => {
    await expect(webhookSender({ url: 'http://127.0.0.1:1/', key: 'shared' })(message)).rejects.toThrow()
  })
})
