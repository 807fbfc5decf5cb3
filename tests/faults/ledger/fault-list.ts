import { freeze as freezePart, keepDown } from '../../support/faults.ts'
import { eventually, kill9, parts } from '../../support/stack.ts'

/** Something that can happen to a running system. A new one is one more entry of a list. */
export interface Fault {
  /** As it is reported: `kill video.sidecar`. */
  name: string
  target: string
  /** Makes it happen; what it answers ends it (nothing to do where the system is to mend itself). */
  inject(): Promise<() => Promise<void> | void>
  /** How long it lasts before it is ended, in ms. */
  lastsMs: number
}

/** What is being brought back from the fault before cannot be hit for a moment. */
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

/** Killed, and killed again whenever it is brought back: longer away than others can wait for it. */
export function away(target: string, lastsMs = 5_000): Fault {
  return { name: `keep ${target} away`, target, lastsMs, inject: () => soon(() => keepDown(target)) }
}

/** Traces are lost with it and nothing else; no work hangs on it. */
const unimportant = ['zipkin']

/** Every part of the stack that work hangs on, whatever parts the stack has. */
export async function targets(): Promise<string[]> {
  return (await parts()).map(({ part: name }) => name).filter((name) => !unimportant.includes(name))
}
