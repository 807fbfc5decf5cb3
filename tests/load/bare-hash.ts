/**
 * A process that hashes passwords with the parameters of the user service and does nothing else.
 * Takes its order by IPC.
 */
import { hash, verify } from '@node-rs/argon2'
import { cpuBetween, readCpu } from './cpu.ts'

export interface HashOrder {
  /** Hashes at a time. */
  concurrency: number
  durationMs: number
}

export interface HashRate {
  perSecond: number
  /** CPU of one hash. */
  cpuMs: number
}

const parameters = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 }

process.once('message', async ({ concurrency, durationMs }: HashOrder) => {
  const known = await hash('a password', parameters)
  const pids = { self: process.pid }
  const [startedAt, before] = [performance.now(), readCpu(pids)]
  let hashes = 0
  const worker = async () => {
    while (performance.now() - startedAt < durationMs) if (await verify(known, 'a password')) hashes++
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  const { self = Number.NaN } = cpuBetween(before, readCpu(pids))
  const rate: HashRate = { perSecond: hashes / ((performance.now() - startedAt) / 1_000), cpuMs: self / hashes }
  process.send?.(rate)
})
