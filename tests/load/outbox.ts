/**
 * How fast the outbox relay is against the sidecar it publishes through. Interleaved rounds, each
 * variant with the same events of about 200 bytes of data: bulk publishing of ready-made requests
 * (the most there is), the relay on a table of its own in the stack's MySQL, and publishing one by
 * one. Prints events a second, CPU per event, and their ratios to bulk publishing.
 *
 * Run on a stack of its own (FANONE_HOME and FANONE_PORT_BASE as in npm start): node
 * tests/load/outbox.ts [rounds] [other relay.ts] The second relay, such as `git show
 * main:packages/service-kit/src/database/relay.ts` saved beside the first, is measured too.
 */
import { resolve } from 'node:path'
import { createLogger, type Database, Publisher } from '@fanone/service-kit'
import { OutboxRelay } from '../../packages/service-kit/src/database/relay.ts'
import { scratchDatabase } from '../support/scratch-database.ts'
import { scratchSidecar } from '../support/scratch-sidecar.ts'
import { part } from '../support/stack.ts'
import { cpuBetween, readCpu, sumOf } from './cpu.ts'
import { printTable } from './figures.ts'
import { median } from './rounds.ts'

const EVENTS = 20_000
const SINGLE_EVENTS = 2_000
const BULK = 100
const TOPIC = 'load.outbox'
const data = JSON.stringify({ videoId: 2 ** 52, title: 'a title of some length', text: 'x'.repeat(130), version: 1 })
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00'

type Relay = typeof OutboxRelay
interface Variant {
  name: string
  events: number
  prepare?(): Promise<void>
  run(): Promise<void>
}

const [rounds = 3, other] = [Number(process.argv[2] ?? 3), process.argv[3]]
const { dapr, pid: sidecarPid, stop } = await scratchSidecar()
const publisher = new Publisher(dapr)
const scratch = await scratchDatabase()
try {
  await compare(await variants(await scratch.open()))
} finally {
  await stop()
  await scratch.drop()
}

async function variants(database: Database): Promise<Variant[]> {
  const relay = (name: string, ofKind: Relay): Variant => ({
    name,
    events: EVENTS,
    prepare: () => fillOutbox(database),
    run: () => drain(database, ofKind),
  })
  const before = other && ((await import(resolve(other))) as { OutboxRelay: Relay }).OutboxRelay
  return [
    { name: `bulk, ${BULK} at a time, 16 connections`, events: EVENTS, run: () => publishBulk(16, BULK) },
    { name: 'bulk, 1,000 at a time, 1 connection', events: EVENTS, run: () => publishBulk(1, 1_000) },
    relay('relay', OutboxRelay),
    ...(before ? [relay('other relay', before)] : []),
    { name: 'single, 16 connections', events: SINGLE_EVENTS, run: publishSingly },
  ]
}

async function compare(all: Variant[]): Promise<void> {
  const names = ['mysql', 'kafka']
  const running = await Promise.all(names.map(part))
  const pids = {
    caller: process.pid,
    sidecar: sidecarPid,
    ...Object.fromEntries(running.map((one) => [one.part, one.pid as number])),
  }
  const results = new Map(
    all.map(({ name }) => [name, { rate: [] as number[], cpu: [] as number[], own: [] as number[] }]),
  )
  for (let round = 0; round <= rounds; round++) {
    for (const { name, events, prepare, run } of all) {
      await prepare?.()
      const [before, startedAt] = [readCpu(pids), performance.now()]
      await run()
      const seconds = (performance.now() - startedAt) / 1_000
      const used = cpuBetween(before, readCpu(pids))
      const isWarmUp = round === 0
      if (isWarmUp) continue
      const result = results.get(name)
      result?.rate.push(events / seconds)
      result?.cpu.push(sumOf(used) / events)
      result?.own.push((used.caller ?? 0) / events)
    }
  }
  const base = results.get(all[0]?.name ?? '')
  const rows = [...results].map(([name, { rate, cpu, own }]) => [
    name,
    median(rate).toFixed(0),
    (median(rate) / median(base?.rate ?? [])).toFixed(2),
    median(cpu).toFixed(4),
    (median(cpu) / median(base?.cpu ?? [])).toFixed(2),
    median(own).toFixed(4),
  ])
  await printTable(['variant', 'events/s', 'of bulk', 'CPU ms per event', 'of bulk', 'of these in the caller'], rows)
}

async function fillOutbox(database: Database): Promise<void> {
  for (let from = 0; from < EVENTS; from += 1_000) {
    const rows = Array.from({ length: 1_000 }, (_, index) => [
      1e15 + from + index,
      TOPIC,
      'load.outbox.v1',
      1e14 + ((from + index) % 500),
      data,
      traceparent,
      '2026-01-01 00:00:00.000',
    ])
    const places = rows.map(() => '(?,?,?,?,?,?,?)').join()
    const columns = 'id, topic, type, aggregate_id, data, traceparent, created_at'
    await database.em().execute(`insert into outbox (${columns}) values ${places}`, rows.flat())
  }
}

async function drain(database: Database, ofKind: Relay): Promise<void> {
  const relay = new ofKind({ database, publisher, log: createLogger({ appId: 'load', level: 'warn' }), appId: 'load' })
  relay.start()
  await relay.stop(300_000) // which publishes what is left
}

function entry(index: number) {
  const id = String(1e15 + index)
  const subject = String(1e14 + (index % 500))
  const event = {
    specversion: '1.0',
    id,
    source: 'load',
    type: 'load.outbox.v1',
    subject,
    time: '2026-01-01T00:00:00.000Z',
  }
  return {
    entryId: id,
    contentType: 'application/cloudevents+json',
    metadata: { partitionKey: subject },
    event: {
      ...event,
      datacontenttype: 'application/json',
      data: JSON.parse(data),
      traceparent,
      traceid: traceparent.split('-')[1],
    },
  }
}

async function publishBulk(connections: number, size: number): Promise<void> {
  const body = JSON.stringify(Array.from({ length: size }, (_, index) => entry(index)))
  await inParallel(connections, EVENTS / size, () => publisher.publishBatch(TOPIC, body))
}

async function publishSingly(): Promise<void> {
  const { event, metadata } = entry(1)
  await inParallel(16, SINGLE_EVENTS, () => publisher.publish(TOPIC, event, metadata))
}

async function inParallel(width: number, times: number, work: () => Promise<unknown>): Promise<void> {
  let left = times
  const worker = async () => {
    while (left-- > 0) await work()
  }
  await Promise.all(Array.from({ length: width }, worker))
}
