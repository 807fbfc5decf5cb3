import type { Violation } from './checker.ts'
import type { Message } from './kafka.ts'

/** An event for the checker: the aggregate and its version. */
export interface WireEvent {
  id: string
  topic: string
  aggregateId: number
  version: number
}

/** Committed events: for each aggregate the topic of each version, from `firstVersion` on. */
export type Committed = ReadonlyMap<number, { firstVersion: number; topics: string[] }>

/** @param readFacts reads aggregate and version from an event's data; undefined for other events */
export function toWireEvents(
  messages: Message[],
  readFacts: (data: Record<string, unknown>, topic: string) => { aggregateId: number; version: number } | undefined,
): WireEvent[] {
  return messages.flatMap(({ topic, value }) => {
    const event = JSON.parse(value) as { id: string; data: Record<string, unknown> }
    const facts = readFacts(event.data, topic)
    return facts ? [{ id: event.id, topic, ...facts }] : []
  })
}

/**
 * Compares the topics with committed events: each committed event at least once, none that was
 * never stored, an event always under the same id, and events of an aggregate in order.
 * At-least-once allows repeats, so the order is that of first appearances.
 */
export function checkEvents(events: WireEvent[], committed: Committed): Violation[] {
  const violations: Violation[] = []
  const seen = new Map<string, string>()
  const newest = new Map<string, number>()
  for (const { id, topic, aggregateId, version } of events) {
    const known = committed.get(aggregateId)
    const name = `${aggregateId} version ${version}`
    if (known?.topics[version - known.firstVersion] !== topic)
      violations.push({
        rule: 'invented',
        subject: aggregateId,
        detail: `${topic} tells version ${version}, never stored`,
      })
    const earlier = seen.get(name)
    if (earlier !== undefined && earlier !== id)
      violations.push({ rule: 'duplicate', subject: aggregateId, detail: `version ${version} under two event ids` })
    if (earlier !== undefined) continue
    seen.set(name, id)
    const line = `${topic} ${aggregateId}`
    if ((newest.get(line) ?? 0) > version)
      violations.push({
        rule: 'reordered',
        subject: aggregateId,
        detail: `${topic}: ${version} after ${newest.get(line)}`,
      })
    newest.set(line, Math.max(newest.get(line) ?? 0, version))
  }
  for (const [aggregateId, { firstVersion, topics }] of committed)
    for (const [index, topic] of topics.entries())
      if (!seen.has(`${aggregateId} version ${firstVersion + index}`))
        violations.push({
          rule: 'lost',
          subject: aggregateId,
          detail: `${topic} of version ${firstVersion + index} is not on the topic`,
        })
  return violations
}

/** How often events came again: what the receivers' inboxes had to drop. */
export function repeats(events: WireEvent[]): number {
  return events.length - new Set(events.map(({ id }) => id)).size
}
