import { readStacks } from './stacks.ts'

// A set-up file: each worker of the project `exclusive` works on a stack of its own.

const { home, portBase } = readStacks()[Number(process.env.VITEST_POOL_ID) - 1] ?? {}
if (home === undefined) throw new Error(`there is no stack for worker ${process.env.VITEST_POOL_ID}`)
process.env.FANONE_HOME = home
process.env.FANONE_PORT_BASE = String(portBase)

// Only now, because it reads where the stack is. The second one may still be starting.
const { healthy } = await import('./stack.ts')
await healthy('gateway', { timeoutMs: 240_000 })
await healthy(undefined, { timeoutMs: 120_000 })

// Calls that came before their callee listened have opened breakers, for five seconds after the
// start.
const seen = globalThis as { hasStackOfWorker?: boolean }
if (!seen.hasStackOfWorker) {
  const { newMember, publish } = await import('./community.ts')
  const { eventually } = await import('./stack.ts')
  const member = await newMember('first')
  const { id } = await eventually(() => publish(member), { timeoutMs: 60_000 })
  await eventually(() => member.api.videos.delete({ id }).then(() => true))
  seen.hasStackOfWorker = true
}
