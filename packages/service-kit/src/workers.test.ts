import { trace } from '@opentelemetry/api'
import { startNodeSdk } from '@opentelemetry/sdk-node'
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace'
import { pino } from 'pino'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { RepeatingWorker, type RepeatingWorkerOptions, whenReady } from './workers.ts'

const HOUR_MS = 3_600_000

let worker: RepeatingWorker | undefined
afterEach(() => worker?.stop())

/** Starts a worker whose pauses are too long to be sat out, and what it logged. */
function startWorker(options: Pick<RepeatingWorkerOptions, 'work'> & Partial<RepeatingWorkerOptions>) {
  const logged: Record<string, unknown>[] = []
  const log = pino({}, { write: (line: string) => void logged.push(JSON.parse(line)) })
  worker = new RepeatingWorker({ name: 'test', pauseMs: HOUR_MS, log, failure: 'it went wrong', ...options })
  worker.start()
  return { worker, logged }
}

/** Work that counts its runs, each of which lasts until it is let go. */
function heldWork() {
  const held: PromiseWithResolvers<void>[] = []
  const runs = { begun: 0, atOnce: 0, mostAtOnce: 0 }
  const work = async () => {
    runs.begun++
    runs.mostAtOnce = Math.max(runs.mostAtOnce, ++runs.atOnce)
    const holding = Promise.withResolvers<void>()
    held.push(holding)
    await holding.promise
    runs.atOnce--
  }
  return { runs, work, letGo: () => held.shift()?.resolve() }
}

test('the work is done again after each pause, which may depend on how the run went', async () => {
  const runs: unknown[] = []
  let rounds = 0
  startWorker({
    work: async () => {
      if (++rounds === 2) throw new Error('once')
    },
    pauseMs: (run) => {
      runs.push(run)
      return rounds < 3 ? 1 : HOUR_MS
    },
  })
  await vi.waitUntil(() => runs.length === 3)
  expect(runs).toMatchObject([{ hasFailed: false }, { hasFailed: true }, { hasFailed: false }])
})

test('there is never a second run at the same time, however often it is started and woken', async () => {
  const { runs, work, letGo } = heldWork()
  const { worker } = startWorker({ work })
  for (let times = 0; times < 3; times++) {
    worker.start()
    worker.wake()
  }
  letGo()
  await vi.waitUntil(() => runs.begun === 2)
  letGo()
  await worker.stop()
  expect(runs).toMatchObject({ begun: 2, mostAtOnce: 1 })
})

test('who wakes it cuts the pause short', async () => {
  let pauses = 0
  const pauseMs = () => {
    pauses++
    return HOUR_MS
  }
  const { worker } = startWorker({ work: async () => {}, pauseMs })
  await vi.waitUntil(() => pauses === 1)
  worker.wake()
  await vi.waitUntil(() => pauses === 2)
})

test('who wakes it during the work leaves no pause after it, and only one', async () => {
  const { runs, work, letGo } = heldWork()
  const { worker } = startWorker({ work })
  expect(runs.begun).toBe(1)
  worker.wake()
  letGo()
  await vi.waitUntil(() => runs.begun === 2)
  letGo()
  await vi.waitUntil(() => runs.atOnce === 0)
  await new Promise(setImmediate)
  expect(runs.begun).toBe(2)
})

test('who wakes it often does not make it run more often than it bears', async () => {
  let runs = 0
  const waking = setInterval(() => worker?.wake(), 1)
  onTestFinished(() => clearInterval(waking))
  const startedAt = performance.now()
  startWorker({ work: async () => ++runs, leastPauseMs: 50 })
  await vi.waitUntil(() => runs === 4)
  // Timers of Node may be a millisecond early.
  expect(performance.now() - startedAt).toBeGreaterThan(3 * 49)
})

test('what it was woken for while another instance was at it is looked at again', async () => {
  let isTaken = true
  let runs = 0
  const pauses: boolean[] = []
  startWorker({
    work: async () => ++runs,
    onlyOne: {
      withLock: async (_name, lockedWork) => {
        if (!isTaken) await lockedWork()
        return !isTaken
      },
    },
    pauseMs: ({ wasTaken }) => {
      pauses.push(wasTaken)
      return wasTaken ? 1 : HOUR_MS
    },
  })
  await vi.waitUntil(() => pauses.length > 2)
  expect(runs).toBe(0)
  isTaken = false
  await vi.waitUntil(() => pauses.at(-1) === false)
  expect(runs).toBe(1)
})

test('a failure is logged and the work is tried again after the pause', async () => {
  let rounds = 0
  const { logged } = startWorker({
    work: async () => {
      if (++rounds === 1) throw new Error('the server is away')
    },
    pauseMs: ({ hasFailed }) => (hasFailed ? 1 : HOUR_MS),
  })
  await vi.waitUntil(() => rounds === 2)
  expect(logged).toMatchObject([{ msg: 'it went wrong; trying again', err: { message: 'the server is away' } }])
})

test('stopping tells the work and waits for it, and nothing is done after that', async () => {
  const { runs, work, letGo } = heldWork()
  let told: AbortSignal | undefined
  const { worker } = startWorker({
    work: (signal) => {
      told = signal
      return work()
    },
    pauseMs: 0,
  })
  let hasStopped = false
  const stopped = worker.stop().then(() => {
    hasStopped = true
  })
  await new Promise(setImmediate)
  expect([told?.aborted, hasStopped]).toEqual([true, false])
  letGo()
  await stopped
  expect(runs.begun).toBe(1)
})

test('stopping ends a pause', async () => {
  let rounds = 0
  const { worker } = startWorker({ work: async () => ++rounds, isPausedFirst: true })
  await worker.stop()
  expect(rounds).toBe(0)
})

test('work that has time begins with a pause', async () => {
  let rounds = 0
  const { worker } = startWorker({ work: async () => ++rounds, isPausedFirst: true })
  expect(rounds).toBe(0)
  worker.wake()
  await vi.waitUntil(() => rounds === 1)
})

test('the work makes no traces', async () => {
  const spanProcessors = [new SimpleSpanProcessor({ exporter: new InMemorySpanExporter() })]
  const sdk = startNodeSdk({ spanProcessors, metricReaders: [], logRecordProcessors: [], resourceDetectors: [] })
  onTestFinished(() => sdk.shutdown())
  const isTraced = () => trace.getTracer('test').startSpan('something').isRecording()
  expect(isTraced()).toBe(true)
  const seen: boolean[] = []
  const { worker } = startWorker({
    work: async () => {
      await new Promise(setImmediate)
      seen.push(isTraced())
    },
  })
  await worker.stop()
  expect(seen).toEqual([false])
})

test('a service is ready after the first success of its awaited workers, and does not wait for others', async () => {
  let isCalleeAway = true
  let tries = 0
  const { worker } = startWorker({
    isAwaited: true,
    pauseMs: 1,
    work: async () => {
      tries++
      if (isCalleeAway) throw new Error('nobody listens')
    },
  })
  const other = new RepeatingWorker({
    name: 'other',
    pauseMs: HOUR_MS,
    log: pino({ enabled: false }),
    failure: '',
    work: heldWork().work,
  })
  let isReady = false
  const ready = whenReady([worker, other, {}], HOUR_MS).then(() => {
    isReady = true
  })
  await vi.waitFor(() => expect(tries).toBeGreaterThan(2))
  expect(isReady).toBe(false)
  isCalleeAway = false
  await ready
})

test('a service whose awaited workers do not succeed is ready without them in the end', async () => {
  const { worker } = startWorker({ isAwaited: true, work: () => Promise.reject(new Error('nobody listens')) })
  await whenReady([worker], 20)
})
