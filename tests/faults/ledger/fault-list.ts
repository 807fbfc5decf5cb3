import { freeze as freezePart, keepDown } from '../../support/faults.ts'
import { eventually, kill9, parts } from '../../support/stack.ts'

/** Something that can happen to a running system. A new one is one more entry of a list. */
export interface Fault {
  /** Name in the report: `kill video.sidecar`. */
  name: string
  target: string
  /** Injects the fault and returns what ends it (nothing if the system is to recover by itself). */
  inject(): Promise<() => Promise<void> | void>
  /** How long it lasts before it is ended, in ms. */
  lastsMs: number
}

/** A part that still recovers from the previous fault cannot be hit for a moment. */
const soon = <Result>(hit: () => Promise<Result>) => eventually(hit, { timeoutMs: 60_000 })

/** SIGKILL; the supervisor brings the part back. */
export function kill(target: string): Fault {
  return {
    name: `kill ${target}`,
    target,
    lastsMs: 0,
    async inject() {
      await soon(() => kill9(target))
      return () => {}
    },
  }
}

/** SIGSTOP and, later, SIGCONT: a process that has no time, or a machine that was asleep. */
export function freeze(target: string, lastsMs = 2_500): Fault {
  return { name: `freeze ${target}`, target, lastsMs, inject: () => soon(() => freezePart(target)) }
}

/** Killed again whenever it is restarted: away for longer than others can wait. */
export function away(target: string, lastsMs = 5_000): Fault {
  return { name: `keep ${target} away`, target, lastsMs, inject: () => soon(() => keepDown(target)) }
}

/** Traces are lost with it and nothing else; no work hangs on it. */
const unimportant = ['zipkin']

/** Every part of the stack that work hangs on, whatever parts the stack has. */
export async function targets(): Promise<string[]> {
  return (await parts()).map(({ part: name }) => name).filter((name) => !unimportant.includes(name))
}
