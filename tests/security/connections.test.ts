import { beforeAll, expect, test } from 'vitest'
import { newMember, publish } from '../support/community.ts'
import { send } from '../support/http.ts'
import { openRaw, type RawConnection } from '../support/raw.ts'
import { isFull } from '../support/sampling.ts'
import { part } from '../support/stack.ts'

const SOCKETS = isFull ? 4_000 : 1_000
const BATCHES = 5
const REQUESTS_PER_BATCH = 60
/** Far above the gateway's own 8 s, because the machine may be busy, and far below Node's 60 s. */
const PATIENCE_MS = 30_000

beforeAll(async () => {
  await publish(await newMember('watched'))
})

/** Everything that keeps a connection without ever saying what it wants. */
const stallers: [what: string, bytes: string][] = [
  ['says nothing', ''],
  ['stops in the request line', 'GET /v1/feeds/'],
  ['stops in a header', 'GET /v1/feeds/newest HTTP/1.1\r\nHost: x\r\nX-A: '],
  ['never ends its headers', 'GET /v1/feeds/newest HTTP/1.1\r\nHost: x\r\n'],
  [
    'stops in its body',
    'POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"',
  ],
  [
    'promises a body',
    'POST /user/login HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 99\r\n\r\n',
  ],
  [
    'stops in a chunk',
    'POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{',
  ],
]

test.concurrent.each(stallers)('who %s is disconnected', async (_what, bytes) => {
  const connection = await openRaw()
  connection.socket.write(bytes)
  await within(PATIENCE_MS, connection.closed)
})

test.concurrent('who dribbles headers or a body is disconnected, however regularly bytes arrive', async () => {
  await Promise.all(
    stallers.slice(3, 5).map(async ([, bytes]) => {
      const connection = await openRaw()
      connection.socket.write(bytes)
      const dribble = setInterval(() => connection.socket.write('X'), 500)
      await within(PATIENCE_MS, connection.closed).finally(() => clearInterval(dribble))
    }),
  )
})

test('the feed goes on for others while a thousand connections are held open, and all of them are closed', {
  retry: 2,
}, async () => {
  const { pid } = await part('gateway')
  const before = await medianOfP99()
  const held: RawConnection[] = []
  try {
    for (let opened = 0; opened < SOCKETS; opened += 100) {
      held.push(...(await Promise.all(Array.from({ length: 100 }, openRaw))))
    }
    for (const [index, { socket }] of held.entries()) socket.write(String(stallers[index % 4]?.[1]))
    const meanwhile = await medianOfP99()
    await within(PATIENCE_MS, Promise.all(held.map(({ closed }) => closed)))
    expect((await part('gateway')).pid).toBe(pid)
    expect(meanwhile / before).toBeLessThanOrEqual(2)
  } finally {
    for (const { socket } of held) socket.destroy()
  }
})

/** Median over batches of the 99th percentile, which one pause of the machine does not move. */
async function medianOfP99(): Promise<number> {
  const p99: number[] = []
  for (let batch = 0; batch < BATCHES; batch++) {
    const durations: number[] = []
    for (let request = 0; request < REQUESTS_PER_BATCH; request++) {
      const startedAt = performance.now()
      const { status } = await send('GET', '/v1/feeds/newest')
      durations.push(performance.now() - startedAt)
      expect(status).toBe(200)
    }
    p99.push(durations.toSorted((a, b) => a - b)[Math.floor(REQUESTS_PER_BATCH * 0.99)] as number)
  }
  return p99.toSorted((a, b) => a - b)[Math.floor(BATCHES / 2)] as number
}

async function within<Value>(limitMs: number, work: Promise<Value>): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error('was left open')), limitMs)
  return Promise.race([work, promise]).finally(() => clearTimeout(timer))
}
