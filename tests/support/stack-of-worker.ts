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
