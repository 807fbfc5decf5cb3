/**
 * CPU per call of one operation with 30 ids in and 30 cards out: a bare Express handler, the same
 * with both schemas checked by hand, and the operation served by service-kit (oRPC). Interleaved
 * rounds, each in the same process; prints medians and ratios.
 *
 * Run: node tests/load/route-contracts.ts [rounds]
 */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { isMainThread, Worker, workerData } from 'node:worker_threads'
import { operation } from '@fanone/contracts'
import { createLogger, mountRouter } from '@fanone/service-kit'
import { implement } from '@orpc/server'
import autocannon from 'autocannon'
import express from 'express'
import { z } from 'zod'

const counters = { onAnswer: () => {} }
const variants = ['bare', 'by-hand', 'contract'] as const
const paths = { bare: '/bare', 'by-hand': '/by-hand', contract: '/internal/cards.getMany' }
const SECONDS = 3

const Card = z.object({ id: z.int(), title: z.string(), authorId: z.int(), createdAt: z.string() })
const Input = z.object({ ids: z.array(z.int()).max(100) })
const Output = z.object({ items: z.array(Card) })
const createdAt = new Date().toISOString()
const ids = Array.from({ length: 30 }, (_, index) => 1e15 + index)
const answer = { items: ids.map((id) => ({ id, title: `title number ${id}`, authorId: 1, createdAt })) }

if (isMainThread) await compare(Number(process.argv[2] ?? 3))
else await autocannon({ ...workerData })

async function compare(rounds: number): Promise<void> {
  const server = createApp().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const cpuMs: Record<string, number[]> = { bare: [], 'by-hand': [], contract: [] }
  for (let round = 0; round <= rounds; round++) {
    for (const variant of variants) {
      const perCall = await measure(url + paths[variant])
      if (round > 0) cpuMs[variant]?.push(perCall)
    }
  }
  server.close()
  const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number
  const base = median(cpuMs['by-hand'] as number[])
  for (const variant of variants) {
    const value = median(cpuMs[variant] as number[])
    console.log(`${variant.padEnd(9)} ${value.toFixed(3)} ms CPU per call, ${(value / base).toFixed(2)} of by-hand`)
  }
}

/** CPU of the main thread per answered call; the load comes from a thread of its own. */
async function measure(url: string): Promise<number> {
  let answered = 0
  counters.onAnswer = () => answered++
  const options = {
    url,
    method: 'POST',
    connections: 16,
    duration: SECONDS,
    body: JSON.stringify({ ids }),
    headers: { 'content-type': 'application/json' },
  }
  const before = process.threadCpuUsage()
  await once(new Worker(new URL(import.meta.url), { workerData: options }), 'exit')
  const used = process.threadCpuUsage(before)
  return (used.user + used.system) / 1_000 / answered
}

function createApp() {
  const contract = { getMany: operation('cards.getMany', { idempotency: 'safe', input: Input, output: Output }) }
  const router = implement(contract).router({ getMany: implement(contract).getMany.handler(() => answer) })
  const app = express()
  app.disable('x-powered-by').set('etag', false)
  app.use((_request, response, next) => {
    response.once('finish', () => counters.onAnswer())
    next()
  })
  app.use(express.json())
  app.post('/bare', (_request, response) => void response.json(answer))
  app.post('/by-hand', (request, response) => {
    Input.parse(request.body)
    response.json(Output.parse(answer))
  })
  app.use(
    mountRouter(router, { log: createLogger({ appId: 'load', level: 'silent' as never }), createContext: () => ({}) }),
  )
  return app
}
