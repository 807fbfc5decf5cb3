import type { Role } from '@fanone/contracts'
import type { OwnedSession, SessionList } from './session-list.ts'
import type { SessionState } from './sessions.ts'

/**
 * The state store's contract in memory, for unit tests: etags, first write wins, and as in Dapr's
 * Redis store a write with an etag succeeds if the key does not exist.
 */
export class MemoryState implements SessionState {
  readonly entries = new Map<string, { json: string; version: number }>()
  /** Called before a conditional write, so that tests can put something in between. */
  beforeReplace: () => Promise<void> = async () => {}

  async get<Value>(key: string) {
    const entry = this.entries.get(key)
    return entry && { value: JSON.parse(entry.json) as Value, etag: String(entry.version) }
  }

  async create(key: string, value: unknown) {
    if (this.entries.has(key)) return false
    this.entries.set(key, { json: JSON.stringify(value), version: 1 })
    return true
  }

  async replace(key: string, value: unknown, options: { etag: string }) {
    await this.beforeReplace()
    const entry = this.entries.get(key)
    if (entry && String(entry.version) !== options.etag) return false
    this.entries.set(key, { json: JSON.stringify(value), version: (entry?.version ?? 0) + 1 })
    return true
  }
}

/** The list of sessions in memory, for unit tests of the tokens. */
export class MemoryList implements Pick<SessionList, 'add' | 'refreshed' | 'roleOf' | 'end'> {
  readonly ended = new Set<string>()
  /** What the account's tokens say. */
  role: Role | null = null

  async add() {
    return this.role
  }

  async roleOf() {
    return this.role
  }

  async refreshed({ sessionId }: OwnedSession) {
    return !this.ended.has(sessionId)
  }

  async end({ sessionId }: OwnedSession) {
    this.ended.add(sessionId)
  }
}
